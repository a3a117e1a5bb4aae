"""What the native stack decides before it starts anything."""
