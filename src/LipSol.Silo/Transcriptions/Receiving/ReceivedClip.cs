namespace LipSol.Silo.Transcriptions;

/// <summary>What was sent as a clip.</summary>
internal enum ClipKind
{
    /// <summary>A video file.</summary>
    Video,
    /// <summary>A mouth clip (.npz).</summary>
    MouthClip,
    /// <summary>A folder of numbered pictures.</summary>
    Frames,
}

/// <summary>One clip that arrived, in a folder of its own; nothing of it is left once it's disposed.</summary>
/// <param name="folder">The folder.</param>
/// <param name="path">The file, or the folder of pictures.</param>
/// <param name="kind">What it is.</param>
internal sealed class ReceivedClip(string folder, string path, ClipKind kind) : IDisposable
{
    public string Path { get; } = path;

    public ClipKind Kind { get; } = kind;

    /// <summary>The rate of pictures; videos and mouth clips have their own.</summary>
    public double PicturesPerSecond { get; init; } = 25;

    /// <summary>Why it can't be read, where that was seen while it arrived.</summary>
    public Http.ApiException? Refusal { get; init; }

    public void Dispose()
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
