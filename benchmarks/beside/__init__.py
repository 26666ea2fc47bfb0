"""Any benchmark on this tree and on another commit, in turns: which of its figures became worse?"""
