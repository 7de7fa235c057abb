"""Pictures of sentiment: trust over time, feature spaces, frames' similarity, and curves. All are matplotlib
figures."""
