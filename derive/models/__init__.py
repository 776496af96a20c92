"""The models that ship, one small file each; the folder is the registry."""
