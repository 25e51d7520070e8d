"""The live driver: brings events to the trader one at a time, keeps a record of all, and carries its commands out."""
