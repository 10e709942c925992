using LipSol.Clips;

namespace LipSol.Vision;

/// <summary>A crop of a stream.</summary>
/// <param name="Number">Its number at the crops' rate: it shows the mouth at <c>Number / FramesPerSecond</c> seconds of the stream.</param>
/// <param name="Pixels">Size × Size grey bytes, row by row.</param>
/// <param name="Quality">How it was obtained. Where a face was lost its pose is held for as long as a clip's would be interpolated; after that the last crop is repeated, and said to be missing.</param>
public sealed record CausalCrop(int Number, byte[] Pixels, FrameQuality Quality);
