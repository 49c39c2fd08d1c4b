"""Does the world still look as it did when the live model was trained, and do its lists look healthy?"""
