"""The flux3d command for operators and auditors."""
