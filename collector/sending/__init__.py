"""What is sent: parcels, the spool in which they wait, and their receivers."""
