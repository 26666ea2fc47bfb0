"""What does a collection look like? Its pictures laid out in a plane, near to what they are like, as a page
or SVG."""
