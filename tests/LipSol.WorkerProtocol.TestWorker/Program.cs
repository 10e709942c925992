using System.Net.Sockets;
using System.Runtime.InteropServices;
using LipSol.WorkerProtocol;

// A worker that behaves, or misbehaves, as its first argument says; the last is the socket's path.
var socketPath = args[^1];
switch (args[0])
{
    case "dies":
        Console.Error.WriteLine("boom: libsomething.so is missing");
        return 7;
    case "silent":
        Thread.Sleep(Timeout.Infinite);
        return 0;
    case "host":
        return await HostAsync(typeof(QuietSink).Assembly.Location, ["orphan"], new CropJob { Clips = [], OutFolder = "/" });
    case "hosts":
        // hosts WORKER.dll JOB.json - | hosts WORKER.dll JOB.json READ WRITE: the worker is a real one, that confines itself to folders where some are named.
        return await HostAsync(args[1], [], System.Text.Json.JsonSerializer.Deserialize<WorkerJob>(File.ReadAllText(args[2]))!, args.Length > 4 ? new Confinement([args[3]], [args[4]]) : null);
    case "intrudes":
        // intrudes ID SOCKET: says hello as if it were another process.
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            using var connection = new MessageConnection(new NetworkStream(socket));
            connection.Send(new Hello(Protocol.Version, Channel.Control, int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture)));
            Console.WriteLine($"intruder: {connection.Receive()?.GetType().Name ?? "nothing"}");
        }
        return 0;
    case "late":
        // Another one is there first.
        using (var other = System.Diagnostics.Process.Start(WorkerExecutable.StartInfo(typeof(QuietSink).Assembly.Location, ["intrudes", Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), socketPath]))!) other.WaitForExit();
        break;
    case "old":
        try
        {
            WorkerChannel.Connect(socketPath, version: 99);
        }
        catch (ProtocolException e)
        {
            Console.Error.WriteLine(e.Message);
            return 5;
        }
        return 0;
    case "garbage" or "oversized" or "truncated" or "wrong-number":
        Misbehave(args[0]);
        return 0;
}

using var channel = WorkerChannel.Connect(socketPath, heartbeats: TimeSpan.FromMilliseconds(20));
using var ignored = PosixSignalRegistration.Create(PosixSignal.SIGTERM, s => s.Cancel = args[0] == "deaf");
switch (args[0])
{
    case "works":
        await using (var metrics = new MetricBatcher(batch => channel.SendAsync(batch)))
        {
            for (var step = 0; step < 1200; step++) metrics.Add("loss", step, step == 7 ? double.NaN : step);
        }
        channel.Report(1200, 0.5, "training");
        break;
    case "claims":
        // claims HASH: that it's a checkpoint of its own.
        await channel.SendAsync(new CheckpointWritten(args[1], 1, 1, DateTimeOffset.UnixEpoch));
        break;
    case "floods":
        for (var i = 1; i <= 40; i++)
        {
            await channel.SendAsync(new Progress("flood", i, 40, "messages"));
            channel.Report(i, i / 40.0, "flooding");
        }
        break;
    case "fails":
        await channel.SendAsync(new JobFailed("the corpus has one word only", BadInput: true));
        await channel.DrainAsync();
        return 2;
    case "crashes":
        Console.Error.WriteLine("native code went astray");
        Environment.FailFast("on purpose");
        return 0;
    case "environment":
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables()) Console.WriteLine($"{variable.Key}={variable.Value}");
        break;
    case "eats":
        Console.WriteLine("ready");
        // 640 MB, written to, so that they are really there.
        var eaten = Enumerable.Range(0, 40).Select(_ => { var bytes = new byte[16 << 20]; Array.Fill(bytes, (byte)1); return bytes; }).ToArray();
        channel.StopRequested.WaitHandle.WaitOne();
        GC.KeepAlive(eaten);
        break;
    case "chatters":
        for (var i = 0; i < 200; i++) Console.Out.Write(new string('x', 10_000));
        Console.Out.WriteLine();
        break;
    case "waits":
        Console.WriteLine("ready");
        channel.StopRequested.WaitHandle.WaitOne();
        await channel.SendAsync(new CheckpointWritten("0123456789abcdef0123456789abcdef", 12, 1, DateTimeOffset.UnixEpoch));
        await channel.SendAsync(new JobStopped(channel.StopReason!));
        await channel.DrainAsync();
        return 0;
    case "deaf" or "orphan":
        Console.WriteLine("ready");
        // Every thread of the pool is busy, and so is this one: only threads of the channel's own can notice anything.
        for (var i = 0; i < Environment.ProcessorCount; i++) ThreadPool.UnsafeQueueUserWorkItem(_ => Thread.Sleep(Timeout.Infinite), null);
        Thread.Sleep(Timeout.Infinite);
        break;
}
await channel.SendAsync(new JobCompleted(new CropResult([], 1.5)));
await channel.DrainAsync();
return 0;

void Misbehave(string how)
{
    foreach (var kind in new[] { Channel.Control, Channel.Data })
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        var stream = new NetworkStream(socket, ownsSocket: true);
        var connection = new MessageConnection(stream);
        connection.Send(new Hello(Protocol.Version, kind, Environment.ProcessId));
        connection.Receive();
        if (kind == Channel.Control) continue;
        switch (how)
        {
            case "garbage": stream.Write([6, 0, 0, 0, .. "hello!"u8]); break;
            case "oversized": stream.Write([255, 255, 255, 127]); break;
            case "wrong-number": connection.Send(new Progress("x", 1, 1, "") { Number = 5 }); break;
            case "truncated": stream.Write([100, 0, 0, 0, .. "{\"type\":"u8]); socket.Shutdown(SocketShutdown.Both); break;
        }
    }
    Thread.Sleep(Timeout.Infinite);
}

// Starts an orphan-to-be, says its process id and what it's at, and waits to be killed.
async Task<int> HostAsync(string executable, string[] arguments, WorkerJob job, Confinement? confinement = null)
{
    var sink = new QuietSink();
    await using var worker = await WorkerProcess.StartAsync(job, new WorkerProcessOptions { Executable = executable, Arguments = arguments, Confinement = confinement }, sink);
    Console.WriteLine(worker.ProcessId);
    sink.Started.SetResult();
    Thread.Sleep(Timeout.Infinite);
    return 0;
}

internal sealed class QuietSink : IWorkerSink
{
    public TaskCompletionSource Started { get; } = new();

    public Task OnDataAsync(DataMessage message) => Task.CompletedTask;

    public async Task OnHeartbeatAsync(Heartbeat heartbeat)
    {
        await Started.Task;
        Console.WriteLine(heartbeat.Phase);
    }

    public void OnLog(string line) { }
}
