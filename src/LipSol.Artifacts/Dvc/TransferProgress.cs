namespace LipSol.Artifacts.Dvc;

/// <summary>How far reading or sending is.</summary>
/// <param name="Files">Files done.</param>
/// <param name="TotalFiles">Of so many.</param>
/// <param name="Bytes">Bytes done.</param>
/// <param name="TotalBytes">Of so many; 0: not known.</param>
public readonly record struct TransferProgress(int Files, int TotalFiles, long Bytes, long TotalBytes);

/// <summary>Counts for several threads.</summary>
internal sealed class TransferCount(IProgress<TransferProgress>? progress, int totalFiles, long totalBytes) : IProgress<long>
{
    private int _files;
    private long _bytes;
    private long _finished;

    /// <summary>So many bytes more of a file that isn't done.</summary>
    public void Report(long value)
    {
        Interlocked.Add(ref _bytes, value);
        Tell();
    }

    /// <summary>A file is done, whether or not its bytes were reported before.</summary>
    public void Finished(long size)
    {
        Interlocked.Increment(ref _files);
        Interlocked.Add(ref _finished, size);
        Tell();
    }

    // What is sent or fetched again counts once; where the total isn't known, all of it counts.
    private long AtMost(long bytes) => totalBytes == 0 ? bytes : Math.Min(totalBytes, bytes);

    private void Tell() => progress?.Report(new TransferProgress(Volatile.Read(ref _files), totalFiles, AtMost(Math.Max(Volatile.Read(ref _bytes), Volatile.Read(ref _finished))), totalBytes));
}
