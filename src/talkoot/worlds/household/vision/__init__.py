"""The household seen by eye: off-screen images of the own room, and the organ that reads them back into a view."""
