using System.Diagnostics;
using System.Text.Json;
using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Notebooks;

/// <summary>
/// Runs a notebook in a process of its own, so that whatever its cells do to it (end it, overflow its stack, take all memory) is told of the cell that did it, and the outcome up to there is written.
/// </summary>
/// <remarks>The process gets what to run as the first line of its standard input, and stops when that is closed. It tells how far it is in lines of JSON on its standard output.</remarks>
public static class NotebookProcess
{
    private const int MostLines = 40;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15), Overtime = TimeSpan.FromMinutes(2);

    /// <summary>As <see cref="NotebookRunner.RunAsync"/>, in a process.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="program">How the process is started; it calls <see cref="ServeAsync"/>.</param>
    /// <param name="cancellation">Stops the notebook; its outcome up to there is written.</param>
    /// <inheritdoc cref="NotebookRunner.RunAsync" path="/exception"/>
    /// <exception cref="NotebookKernelException">The process ended before it ran a cell.</exception>
    /// <exception cref="IOException">The outcome can't be written; the message says where it is kept.</exception>
    public static async Task<NotebookRunResult> RunAsync(NotebookRunOptions options, ProcessStartInfo program, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(program);
        var folder = Directory.CreateTempSubdirectory("lipsol-notebook-");
        var keeps = false;
        try
        {
            var journal = Path.Combine(folder.FullName, "journal.ipynb");
            options = options.WithFullPaths() with { JournalPath = journal };
            var (outcome, heard) = (new NotebookOutcome(options), new Heard());
            if (program.WorkingDirectory.Length == 0 && Directory.Exists(Path.GetDirectoryName(options.NotebookPath))) program.WorkingDirectory = Path.GetDirectoryName(options.NotebookPath);
            program.RedirectStandardInput = program.RedirectStandardOutput = program.RedirectStandardError = true;
            using var process = Process.Start(program) ?? throw new NotebookKernelException($"{program.FileName} can't be started.");
            var errors = new LastWords(MostLines);
            var listening = Task.WhenAll(HearAsync(process.StandardOutput, heard, options.Progress), ReadAsync(process.StandardError, errors));
            var stopped = cancellation.Register(() => Close(process));
            await using (stopped)
            {
                await GiveAsync(process, options);
                await EndAsync(process, options.Timeout + Overtime, cancellation);
            }

            // What a cell started may hold the other end of the pipes open for ever.
            await Task.WhenAny(listening, Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None));
            if (heard.Last?.Failed is { } failure)
            {
                keeps = File.Exists(journal);
                throw new IOException(keeps ? $"{failure} The notebook as it was executed is kept in {journal}." : failure);
            }

            if (heard.Last?.Refused is { } reason) throw heard.Last.OfParameter ? new NotebookParameterException(reason) : new NotebookFormatException(reason);
            var notebook = File.Exists(journal) ? await NotebookFile.ReadAsync(journal, CancellationToken.None) : null;
            if (heard.Last is not { Ended: true })
            {
                if (notebook is null || heard.Cell == 0)
                    throw new NotebookKernelException($"The kernel ended before the first cell ({How(process.ExitCode, errors.All)}).{string.Concat(errors.All.Select(e => "\n" + e))}");
                Died(notebook, heard.Cell, process.ExitCode, errors.All);
                await outcome.WriteAsync(notebook, succeeded: false);
            }
            else
            {
                foreach (var line in errors.All) await Console.Error.WriteLineAsync(line);
            }

            cancellation.ThrowIfCancellationRequested();
            return Result(notebook!, heard, outcome.Elapsed);
        }
        finally
        {
            if (!keeps) folder.Delete(recursive: true);
        }
    }

    /// <summary>What the process does: runs the notebook that it's told to.</summary>
    public static async Task ServeAsync()
    {
        // Whoever started this process has it stop; a terminal's Ctrl-C reaches both.
        using var ignored = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        using var input = new StreamReader(Console.OpenStandardInput());
        using var stop = new CancellationTokenSource();
        var options = JsonSerializer.Deserialize<NotebookRunOptions>(await input.ReadLineAsync(CancellationToken.None) ?? "null") ?? throw new NotebookFormatException("Nothing to run came.");
        _ = Task.Run(async () =>
        {
            while (await input.ReadLineAsync(CancellationToken.None) is not null)
            {
            }

            await stop.CancelAsync();
        }, CancellationToken.None);
        try
        {
            await NotebookRunner.RunAsync(options with { Progress = Tell }, stop.Token);
            Say(new Word { Ended = true });
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Say(new Word { Ended = true });
        }
        catch (Exception e) when (e is NotebookFormatException or NotebookParameterException or FileNotFoundException or DirectoryNotFoundException)
        {
            Say(new Word { Refused = e.Message, OfParameter = e is NotebookParameterException });
        }

        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say(new Word { Failed = e.Message });
        }

        void Tell(NotebookProgress at)
        {
            if (at.Output is null or StreamOutput) Say(new Word { Cell = at.Cell, Cells = at.Cells, Title = at.Title, Text = (at.Output as StreamOutput)?.Text, Done = at.Result is not null });
        }

        void Say(Word word)
        {
            lock (output) output.WriteLine(JsonSerializer.Serialize(word));
        }
    }

    private static async Task GiveAsync(Process process, NotebookRunOptions options)
    {
        try
        {
            await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(options));
            await process.StandardInput.FlushAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It's gone, or was stopped: how it ended tells.
        }
    }

    // The runner in there keeps the time itself; whatever keeps it from that doesn't keep this one.
    private static async Task EndAsync(Process process, TimeSpan most, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (most < TimeSpan.FromDays(40)) limit.CancelAfter(most);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Close(process);
            using var grace = new CancellationTokenSource(Grace);
            try
            {
                await process.WaitForExitAsync(grace.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    private static void Close(Process process)
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It's gone already, or closed by another at this moment.
        }
    }

    private static async Task HearAsync(StreamReader reader, Heard heard, Action<NotebookProgress>? progress)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            Word? word = null;
            try
            {
                word = JsonSerializer.Deserialize<Word>(line);
            }
            catch (JsonException)
            {
                // Native code of a cell wrote past the kernel.
            }

            if (word is null) continue;
            // What a cell left behind may speak after all others, and of an earlier cell.
            if (heard.Last is not ({ Ended: true } or { Refused: not null } or { Failed: not null })) heard.Last = word;
            if (word.Cell > 0) (heard.Cell, heard.Cells) = (Math.Max(heard.Cell, word.Cell), word.Cells);
            if (word.Cell > 0 && !word.Done) progress?.Invoke(new NotebookProgress(word.Cell, word.Cells, word.Title, word.Text is null ? null : new StreamOutput("stdout", word.Text)));
        }
    }

    private static async Task ReadAsync(StreamReader reader, LastWords lines)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line) lines.Add(line);
    }

    private static void Died(NotebookFile notebook, int number, int status, IReadOnlyList<string> errors)
    {
        var (cell, _) = NotebookRunner.Titled(notebook).ElementAt(number - 1);
        var message = $"The kernel died while this cell ran: {How(status, errors)}.";
        cell.AddError(new CellError("KernelDied", message, [$"KernelDied: {message}", .. errors]));
        if (cell.Ran is { } ran) cell.SetTimes(ran.Began, DateTimeOffset.UtcNow);
    }

    private static NotebookRunResult Result(NotebookFile notebook, Heard heard, TimeSpan elapsed)
    {
        var failures = NotebookRunner.Titled(notebook).Select((cell, i) => (Number: i + 1, cell.Title, cell.Cell.Error)).Where(c => c.Error is not null);
        return new NotebookRunResult(heard.Cell, heard.Cells, elapsed, [.. failures.Select(f => new NotebookFailure(f.Number, f.Title, f.Error!))], notebook);
    }

    /// <summary>A process's end in words; by a signal it's 128 and the signal's number.</summary>
    private static string How(int status, IReadOnlyList<string> errors) => status switch
    {
        134 when errors.Any(e => e.StartsWith("Stack overflow", StringComparison.Ordinal)) => "its stack overflowed",
        134 when errors.Any(e => e.StartsWith("Out of memory", StringComparison.Ordinal)) => "it ran out of memory",
        134 => "it was aborted, as by an exception that nobody caught on a thread of its own",
        137 => "it was killed, as the system does where memory runs out, or since it didn't end in its time",
        139 => "it read or wrote memory that isn't its own (segmentation fault)",
        > 128 and < 160 => $"signal {status - 128} ended it",
        _ => $"the process was ended, with exit status {status}",
    };

    /// <summary>What the process says.</summary>
    private sealed record Word
    {
        public int Cell { get; init; }

        public int Cells { get; init; }

        public string Title { get; init; } = "";

        public string? Text { get; init; }

        public bool Done { get; init; }

        public bool Ended { get; init; }

        public string? Refused { get; init; }

        public bool OfParameter { get; init; }

        public string? Failed { get; init; }
    }

    /// <summary>How far the process said that it was.</summary>
    private sealed class Heard
    {
        public Word? Last { get; set; }

        public int Cell { get; set; }

        public int Cells { get; set; }
    }

    /// <summary>The last lines of what a process wrote; of what a runtime that dies writes the first, since it says why before it says where.</summary>
    private sealed class LastWords(int most)
    {
        private static readonly string[] Begins = ["Stack overflow", "Out of memory", "Unhandled exception", "Fatal error", "Process terminated"];
        private static readonly string[] Kernel = ["Microsoft.CodeAnalysis.Scripting.", "LipSol.Kernel.", "System.Runtime.CompilerServices.AsyncMethodBuilderCore", "System.Threading.Thread+StartHelper"];
        private readonly Queue<string> _lines = [];
        private bool _dies, _over;

        public IReadOnlyList<string> All
        {
            get
            {
                lock (_lines) return [.. _lines];
            }
        }

        public void Add(string line)
        {
            lock (_lines)
            {
                if (!_dies && Begins.Any(b => line.StartsWith(b, StringComparison.Ordinal)))
                {
                    _dies = true;
                    _lines.Clear();
                }

                // What called the cell is the kernel's own.
                _over |= _dies && Kernel.Any(k => line.TrimStart().StartsWith("at " + k, StringComparison.Ordinal));
                if (_over || (_dies && _lines.Count >= most)) return;
                _lines.Enqueue(line);
                if (_lines.Count > most) _lines.Dequeue();
            }
        }
    }
}
