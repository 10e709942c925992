using System.Globalization;

namespace LipSol.Silo.Workers;

/// <summary>A run's log: what its workers and the native libraries in them printed, every line with its time. Of bounded size.</summary>
internal sealed class RunLog : IDisposable
{
    private const long LargestLog = 32L << 20;
    private readonly StreamWriter writer;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private bool full;

    public RunLog(string path, TimeProvider time)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        writer = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { AutoFlush = true };
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
            try
            {
                full = writer.BaseStream.Length > LargestLog;
                writer.WriteLine(time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z '", CultureInfo.InvariantCulture) + (full ? "the log is full; what follows is left out" : line));
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
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
            try
            {
                writer.Dispose();
            }
            catch (IOException)
            {
                // A full disk: what was written stays.
            }
        }
    }
}
