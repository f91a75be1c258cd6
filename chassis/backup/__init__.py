"""All databases and files of an installation at one point, kept in a folder and put back from it."""
