"""An event into a message, one file a channel, signing, and posting outward."""
