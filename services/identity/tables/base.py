from chassis.db import new_metadata

metadata = new_metadata()
