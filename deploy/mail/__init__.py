"""Where mail goes on the native stack: a folder that stands for the recipients' mailboxes."""
