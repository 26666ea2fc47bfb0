"""What does an index cost as it grows?"""
