"""Operating Drivecast: commands that see the app from outside, over HTTP and through its storage account."""
