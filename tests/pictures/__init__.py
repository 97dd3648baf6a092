"""Pictures of the messages: what each channel makes of a body, close enough to judge its look."""
