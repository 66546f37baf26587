/// A room.
