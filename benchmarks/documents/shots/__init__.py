"""What cameras take: scenes in linear light, frames of them, and pairs of frames."""
