"""Is what is found right, beside other programs?"""
