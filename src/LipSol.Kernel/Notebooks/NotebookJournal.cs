using System.Diagnostics;

namespace LipSol.Kernel.Notebooks;

/// <summary>
/// Keeps a notebook, as far as it has come, in a file while it runs: at each cell's begin, about once a second while the cell shows something, and when the process ends in an orderly way.
/// What takes long to write is written less often.
/// </summary>
internal sealed class NotebookJournal : IDisposable
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly CellRecorder _recorder;
    private readonly string _path;
    private readonly Stopwatch _sinceSaved = Stopwatch.StartNew();
    private TimeSpan _pause = Least;
    private bool _closed;

    public NotebookJournal(CellRecorder recorder, string path)
    {
        (_recorder, _path) = (recorder, path);
        AppDomain.CurrentDomain.ProcessExit += Ending;
        AppDomain.CurrentDomain.UnhandledException += Ending;
    }

    /// <summary>The cell has shown something.</summary>
    public void Changed()
    {
        if (_sinceSaved.Elapsed >= _pause) Save();
    }

    /// <summary>Keeps what there is now.</summary>
    public void Save()
    {
        lock (_gate)
        {
            if (_closed) return;
            var watch = Stopwatch.StartNew();
            File.WriteAllBytes(_path + ".part", _recorder.ToBytes());
            File.Move(_path + ".part", _path, overwrite: true);
            _pause = watch.Elapsed * 10 > Least ? watch.Elapsed * 10 : Least;
            _sinceSaved.Restart();
        }
    }

    /// <summary>Keeps what there is now, and nothing more.</summary>
    public void Close()
    {
        Save();
        lock (_gate) _closed = true;
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= Ending;
        AppDomain.CurrentDomain.UnhandledException -= Ending;
    }

    private void Ending(object? sender, EventArgs e) => Save();
}
