"""What does it cost in time and memory?"""
