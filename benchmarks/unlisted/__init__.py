"""What people make of photographs, of kinds that bounds were not chosen for: is each proved, and found?"""
