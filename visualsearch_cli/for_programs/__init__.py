"""What do programs call, and what do they get? `library` has the names that are theirs."""
