using System.Globalization;
using System.Text;

namespace LipSol.Silo.Workers;

/// <summary>A run's log: what its workers and the native libraries in them printed, every line with its time. Of bounded size.</summary>
internal sealed class RunLog : IDisposable
{
    private const long LargestLog = 32L << 20;
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(5);
    // Unbuffered: what a full disk turns away isn't kept to be written a second time.
    private readonly FileStream stream;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private bool full;
    private long lost;
    private long lostSince;

    public RunLog(string path, TimeProvider time)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        this.time = time;
    }

    /// <summary>Where a run's log is.</summary>
    /// <exception cref="ArgumentException">The run's id isn't one: it could name a file elsewhere.</exception>
    public static string PathOf(string logFolder, string runId) =>
        runId.Length is > 0 and <= 100 && runId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? Path.Combine(logFolder, runId + ".log")
            : throw new ArgumentException($"\"{runId}\" is not a run's id.", nameof(runId));

    /// <summary>Appends a line. A full disk loses log lines, never the run.</summary>
    public void Write(string line)
    {
        lock (gate)
        {
            if (full) return;
            if (lost > 0 && time.GetElapsedTime(lostSince) < TryAgain)
            {
                lost++;
                return;
            }
            try
            {
                if (lost > 0) Append($"[lipsol] {lost} lines could not be written here: the disk was full");
                lost = 0;
                full = stream.Length > LargestLog;
                Append(full ? "the log is full; what follows is left out" : line);
            }
            catch (IOException)
            {
                lost++;
                lostSince = time.GetTimestamp();
            }
            catch (ObjectDisposedException)
            {
                full = true;
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            full = true;
            stream.Dispose();
        }
    }

    private void Append(string line) => stream.Write(Encoding.UTF8.GetBytes(time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z '", CultureInfo.InvariantCulture) + line + "\n"));
}
