"""Ground that the services stand on; knows none of them."""
