namespace LipSol.WorkerProtocol;

/// <summary>A request to a worker that crops streams. They are worked off in order.</summary>
/// <param name="Stream">The stream's number: what is left of an earlier one is told apart by it.</param>
public abstract record StreamRequest(long Stream) : WorkerMessage;

/// <summary>Begins a stream; the one before is forgotten. Answered with <see cref="StreamBegun"/>.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Size">Edge of a crop in pixels.</param>
/// <param name="FramesPerSecond">Crops a second.</param>
/// <param name="Extent">Edge of the crop in mean-face units.</param>
/// <param name="Smoothing">Half-width in frames of the smoothing.</param>
/// <param name="LandmarkModels">The landmark models that the crops have to be made with.</param>
public sealed record StreamBegin(long Stream, int Size, double FramesPerSecond, double Extent, double Smoothing, string LandmarkModels) : StreamRequest(Stream);

/// <summary>The next picture of a stream. Answered with a <see cref="StreamCropped"/>, whatever becomes of it.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Seconds">The picture's time; increasing.</param>
/// <param name="Picture">JPEG or PNG.</param>
public sealed record StreamPicture(long Stream, double Seconds, byte[] Picture) : StreamRequest(Stream);

/// <summary>No more pictures come for now: the crops that still lag behind are wanted. Answered with <see cref="StreamFlushed"/>.</summary>
/// <param name="Stream">The stream.</param>
public sealed record StreamEnd(long Stream) : StreamRequest(Stream);

/// <summary>A stream has begun.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Refused">Why it can't be cropped as asked; null where it can.</param>
public sealed record StreamBegun(long Stream, string? Refused) : DataMessage;

/// <summary>A picture was dealt with.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Crops">The crops that became due by it.</param>
/// <param name="Faces">Faces in it.</param>
/// <param name="Refused">Why it can't be used; null where it can.</param>
/// <param name="Milliseconds">What it took.</param>
public sealed record StreamCropped(long Stream, IReadOnlyList<MouthCrop> Crops, int Faces, string? Refused, double Milliseconds) : DataMessage;

/// <summary>The last crops of a stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Crops">They.</param>
public sealed record StreamFlushed(long Stream, IReadOnlyList<MouthCrop> Crops) : DataMessage;

/// <summary>A mouth at one time of a stream.</summary>
/// <param name="Number">Its number at the crops' rate.</param>
/// <param name="Pixels">Grey bytes, row by row.</param>
/// <param name="Source">0 missing, 1 interpolated or held, 2 tracked.</param>
/// <param name="Confidence">The landmark model's, 0 to 1.</param>
public readonly record struct MouthCrop(int Number, byte[] Pixels, byte Source, float Confidence);
