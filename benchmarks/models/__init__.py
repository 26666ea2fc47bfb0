"""What is each embedder worth?"""
