using System.Diagnostics;

namespace LipSol.WorkerProtocol;

/// <summary>A worker process and the host's end of its two connections.</summary>
/// <remarks>
/// Whatever happens to the process, <see cref="Ended"/> completes, after the last call of the sink. When this program ends, however it ends, the worker sees
/// its connections close and ends too.
/// </remarks>
public sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly IWorkerSink sink;
    private readonly MessageConnection data;
    private readonly MessageConnection control;
    private readonly LogTail errors;
    private readonly Task logs;
    private readonly WorkerWatch watch;
    private DataMessage? last;
    private readonly long memoryLimit;
    private readonly long? killsBefore;
    private string? brokenBy;
    private string? tooMuch;
    private string? stopReason;

    private WorkerProcess(Process process, IWorkerSink sink, MessageConnection data, MessageConnection control, LogTail errors, Task logs, WorkerProcessOptions options, long? killsBefore)
    {
        this.process = process;
        ProcessId = process.Id;
        this.sink = sink;
        this.data = data;
        this.control = control;
        this.errors = errors;
        this.logs = logs;
        watch = new WorkerWatch(options);
        memoryLimit = options.MemoryLimit;
        this.killsBefore = killsBefore;
        Ended = Task.Run(RunAsync);
    }

    /// <summary>The process' id.</summary>
    public int ProcessId { get; }

    /// <summary>How the worker ended; never faults.</summary>
    public Task<WorkerExit> Ended { get; }

    /// <summary>Starts a worker for <paramref name="job"/> and returns once it has said hello on both connections.</summary>
    /// <exception cref="WorkerStartException">It didn't come up; the message holds what it printed.</exception>
    public static async Task<WorkerProcess> StartAsync(WorkerJob job, WorkerProcessOptions options, IWorkerSink sink, CancellationToken cancellationToken = default)
    {
        using var socket = new WorkerSocket();
        var executable = options.Executable ?? WorkerExecutable.Locate();
        var start = WorkerExecutable.StartInfo(executable, [.. options.Arguments, .. options.Confinement is { } confinement ? new[] { Confinement.Argument, confinement.ToArgument() } : [], socket.PathName]);
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        WorkerEnvironment.Apply(start, options.Environment);

        var kills = WorkerMemory.Kills();
        var process = new Process { StartInfo = start };
        try
        {
            await LastingParent.StartAsync(process).ConfigureAwait(false);
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            process.Dispose();
            throw new WorkerStartException($"{start.FileName} can't be started: {e.Message}", e);
        }
        process.StandardInput.Close();
        var errors = new LogTail(20);
        var telling = new Lock();
        void Tell(string line)
        {
            lock (telling) sink.OnLog(line);
        }

        var logs = ReadLogsAsync(process, Tell, errors);
        MessageConnection? first = null, second = null;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.StartDeadline);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
        try
        {
            _ = process.WaitForExitAsync(deadline.Token).ContinueWith(_ => CancelQuietly(gone), TaskScheduler.Default);
            (first, var one) = await GreetAsync(socket, process, options.ProtocolVersion, job, Tell, gone.Token).ConfigureAwait(false);
            (second, var two) = await GreetAsync(socket, process, options.ProtocolVersion, job, Tell, gone.Token).ConfigureAwait(false);
            if (one == two) throw new ProtocolException($"The worker opened two {one} connections.");
            var worker = one == Channel.Data
                ? new WorkerProcess(process, sink, first, second, errors, logs, options, kills)
                : new WorkerProcess(process, sink, second, first, errors, logs, options, kills);
            worker.SufferFirstWhenMemoryRunsOut();
            return worker;
        }
        catch (Exception e) when (e is OperationCanceledException or ProtocolException or IOException or System.Net.Sockets.SocketException)
        {
            Kill(process);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            var code = process.ExitCode;
            await Task.WhenAny(logs, Task.Delay(1000, CancellationToken.None)).ConfigureAwait(false);
            first?.Dispose();
            second?.Dispose();
            process.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            var why = e is OperationCanceledException
                ? deadline.IsCancellationRequested ? $"it said nothing for {options.StartDeadline.TotalSeconds:0} s" : $"it ended at once ({(code > 128 ? "signal " + (code - 128) : "status " + code)})"
                : e.Message;
            throw new WorkerStartException($"The worker ({executable}) didn't come up: {why}\n{errors}".TrimEnd(), e);
        }
    }

    /// <summary>Sends a request on the control connection.</summary>
    /// <exception cref="IOException">The worker is gone.</exception>
    public Task SendAsync(WorkerMessage message, CancellationToken cancellationToken = default) => control.SendAsync(message, cancellationToken);

    /// <summary>Asks the worker to stop; after <paramref name="grace"/> SIGTERM, and after as long again (at most 10 s) SIGKILL. Returns once it's gone. Repeatable.</summary>
    public async Task<WorkerExit> StopAsync(string reason, TimeSpan grace)
    {
        stopReason ??= reason;
        try
        {
            await control.SendAsync(new StopRequest(reason)).WaitAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or TimeoutException)
        {
            // It's gone already, or it doesn't read: the signals follow.
        }
        if (await Task.WhenAny(Ended, Task.Delay(grace)).ConfigureAwait(false) == Ended) return await Ended.ConfigureAwait(false);
        Signals.Terminate(process);
        var second = grace < TimeSpan.FromSeconds(10) ? grace : TimeSpan.FromSeconds(10);
        if (await Task.WhenAny(Ended, Task.Delay(second)).ConfigureAwait(false) == Ended) return await Ended.ConfigureAwait(false);
        Kill(process);
        return await Ended.ConfigureAwait(false);
    }

    /// <summary>Kills the process at once.</summary>
    public void Kill(string reason)
    {
        brokenBy ??= reason;
        Kill(process);
    }

    /// <summary>Kills the process where it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Ended.IsCompleted) Kill("the host gave it up");
        await Ended.ConfigureAwait(false);
    }

    private static async Task<(MessageConnection, Channel)> GreetAsync(WorkerSocket socket, Process process, int version, WorkerJob job, Action<string> tell, CancellationToken cancellationToken)
    {
        var connection = await socket.AcceptAsync(process.Id, other => tell($"[lipsol] process {other} connected in place of the worker, {process.Id}, and was turned away"), cancellationToken).ConfigureAwait(false);
        try
        {
            var hello = await connection.ReceiveAsync(cancellationToken).ConfigureAwait(false) as Hello
                ?? throw new ProtocolException("its first message was no hello.");
            string? refusal = hello.ProcessId != process.Id ? $"process {hello.ProcessId} said hello in its place."
                : hello.Version != version ? $"it speaks version {hello.Version} of the protocol, the host version {version}. They come from different builds: build the solution again."
                : null;
            if (refusal is not null)
            {
                await connection.SendAsync(new NotWelcome(refusal), cancellationToken).ConfigureAwait(false);
                throw new ProtocolException(refusal);
            }
            await connection.SendAsync(new Welcome(version, hello.Channel == Channel.Control ? job : null), cancellationToken).ConfigureAwait(false);
            return (connection, hello.Channel);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static Task ReadLogsAsync(Process process, Action<string> tell, LogTail errors) => Task.WhenAll(
        LineReader.ReadAsync(process.StandardOutput, tell),
        LineReader.ReadAsync(process.StandardError, line => { errors.Add(line); tell(line); }));

    private async Task<WorkerExit> RunAsync()
    {
        var reading = Task.WhenAll(ReadDataAsync(), ReadControlAsync());
        var exited = process.WaitForExitAsync();
        _ = WatchAsync(exited);
        // A worker that has closed its connections has nothing more to say.
        if (await Task.WhenAny(reading, exited).ConfigureAwait(false) == reading && await Task.WhenAny(exited, Task.Delay(TimeSpan.FromSeconds(10))).ConfigureAwait(false) != exited)
            Kill(process);
        await exited.ConfigureAwait(false);
        var code = process.ExitCode;
        // What the worker sent before it ended is still in the sockets' buffers: read it all.
        await reading.ConfigureAwait(false);
        // A stray child of the worker could keep the pipes open for ever.
        await Task.WhenAny(logs, Task.Delay(TimeSpan.FromSeconds(2))).ConfigureAwait(false);
        data.Dispose();
        control.Dispose();
        process.Dispose();
        return Judge(code);
    }

    private WorkerExit Judge(int code)
    {
        var words = errors.ToString();
        var tail = words.Length == 0 ? "" : "\n" + words;
        return (brokenBy, last) switch
        {
            (_, JobCompleted done) => new(WorkerEnd.Completed, null, done.Result, false, code),
            _ when tooMuch is not null => new(WorkerEnd.Failed, tooMuch, null, false, code) { TooMuchMemory = true },
            ({ } reason, _) => new(WorkerEnd.Crashed, reason, null, false, code),
            (_, JobStopped stopped) => new(WorkerEnd.Stopped, stopped.Reason, null, false, code),
            (_, JobFailed failed) => new(WorkerEnd.Failed, failed.Reason, null, failed.BadInput, code) { DiskFull = failed.DiskFull },
            _ when stopReason is not null => new(WorkerEnd.Stopped, $"{stopReason} (the worker didn't answer and was ended)", null, false, code),
            _ when code == 128 + 9 => new(WorkerEnd.Killed, $"{WorkerMemory.Killed(killsBefore, WorkerMemory.Kills())}.{tail}", null, false, code),
            _ when code == 128 + 15 => new(WorkerEnd.Killed, $"the worker was killed (signal 15): by someone.{tail}", null, false, code),
            _ when code > 128 => new(WorkerEnd.Crashed, $"the worker crashed (signal {code - 128}).{tail}", null, false, code),
            _ => new(WorkerEnd.Crashed, $"the worker ended without a word (status {code}).{tail}", null, false, code),
        };
    }

    private async Task ReadDataAsync()
    {
        try
        {
            var expected = 1L;
            while (await data.ReceiveAsync().ConfigureAwait(false) is { } received)
            {
                if (received is not DataMessage message) throw new ProtocolException($"a {received.GetType().Name} came on the data connection.");
                if (message.Number != expected) throw new ProtocolException($"message {message.Number} came where {expected} was due.");
                expected++;
                using (watch.Recording()) await sink.OnDataAsync(message).ConfigureAwait(false);
                if (message is JobCompleted or JobStopped or JobFailed) last = message;
                await AcknowledgeAsync(message.Number).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            Break(e);
        }
    }

    private async Task AcknowledgeAsync(long number)
    {
        try
        {
            await data.SendAsync(new Acknowledge(number)).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The worker is gone; what it had sent is still to be read.
        }
    }

    private async Task ReadControlAsync()
    {
        try
        {
            while (await control.ReceiveAsync().ConfigureAwait(false) is { } received)
            {
                if (received is not Heartbeat heartbeat) throw new ProtocolException($"a {received.GetType().Name} came on the control connection.");
                watch.Heard(heartbeat);
                using (watch.Answering()) await sink.OnHeartbeatAsync(heartbeat).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            Break(e);
        }
    }

    private async Task WatchAsync(Task exited)
    {
        using var timer = new PeriodicTimer(watch.Tick);
        while (await timer.WaitForNextTickAsync().ConfigureAwait(false) && !exited.IsCompleted)
        {
            if (watch.Look() is { } reason) Kill(reason);
            if (memoryLimit > 0 && WorkerMemory.OwnBytes(process.Id) is var held && held > memoryLimit)
                Kill(tooMuch ??= $"it held {WorkerMemory.Text(held)} of memory, and the run asked for {WorkerMemory.Text(memoryLimit)}. Ask for more, or let it use less");
        }
    }

    /// <summary>A connection that breaks off is how a killed worker looks from here; anything else is the reason to end it.</summary>
    private void Break(Exception e)
    {
        if (e is IOException) return;
        Kill(e is ProtocolException ? $"the worker broke the protocol: {e.Message}" : e.Message);
    }

    private void SufferFirstWhenMemoryRunsOut()
    {
        try
        {
            File.WriteAllText($"/proc/{process.Id}/oom_score_adj", "800");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not Linux, or the process is gone: nothing to prefer.
        }
    }

    private static void CancelQuietly(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The greeting was over first.
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            // The process alone: it starts no others, and killing a tree first stops it (SIGSTOP). A host that ends in between would leave it stopped for ever.
            process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It's gone already.
        }
    }
}
