using System.Collections.Concurrent;
using System.Net.Sockets;

namespace LipSol.WorkerProtocol;

/// <summary>The worker's end of the two connections.</summary>
/// <remarks>
/// Data messages are numbered; at most <see cref="Window"/> of them are under way without being acknowledged, so a host that is slow slows the worker down (back-pressure).
/// The control connection has threads of its own: heartbeats and the host's end are seen whatever the thread pool and native code do.
/// When the host is gone the process exits at once with status 3.
/// </remarks>
public sealed class WorkerChannel : IDisposable
{
    /// <summary>Most data messages that may be unacknowledged.</summary>
    public const int Window = 16;

    /// <summary>The process' exit status when its host is gone.</summary>
    public const int HostGoneStatus = 3;

    private readonly MessageConnection data;
    private readonly MessageConnection control;
    private readonly SemaphoreSlim window = new(Window, Window);
    private readonly SemaphoreSlim sending = new(1, 1);
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BlockingCollection<UploadRequest> uploads = [];
    private readonly BlockingCollection<StreamRequest> streams = [];
    private readonly Action hostGone;
    private readonly TimeProvider time;
    private volatile Heartbeat state;
    private volatile bool closing;
    private long numbered;

    private WorkerChannel(MessageConnection data, MessageConnection control, WorkerJob job, TimeSpan heartbeats, TimeProvider time, Action hostGone)
    {
        this.data = data;
        this.control = control;
        this.hostGone = hostGone;
        this.time = time;
        Job = job;
        state = new Heartbeat(0, 0, "starting", time.GetUtcNow());
        new Thread(ReadControl) { IsBackground = true, Name = "control" }.Start();
        new Thread(ReadAcknowledgements) { IsBackground = true, Name = "acknowledgements" }.Start();
        if (heartbeats > TimeSpan.Zero) new Thread(() => Beat(heartbeats)) { IsBackground = true, Name = "heart" }.Start();
    }

    /// <summary>The job.</summary>
    public WorkerJob Job { get; }

    /// <summary>Cancelled when the host asks the worker to stop.</summary>
    public CancellationToken StopRequested => stop.Token;

    /// <summary>Why the host asked to stop; null where it didn't.</summary>
    public string? StopReason { get; private set; }

    /// <summary>The uploads that the host asks for, as they come.</summary>
    public IEnumerable<UploadRequest> Uploads(CancellationToken cancellationToken) => uploads.GetConsumingEnumerable(cancellationToken);

    /// <summary>What the host wants done for streams, as it comes.</summary>
    public IEnumerable<StreamRequest> Streams(CancellationToken cancellationToken) => streams.GetConsumingEnumerable(cancellationToken);

    /// <summary>Connects to the host and says hello.</summary>
    /// <exception cref="ProtocolException">The host refused.</exception>
    public static WorkerChannel Connect(string socketPath, TimeSpan? heartbeats = null, TimeProvider? time = null, Action? hostGone = null, int version = Protocol.Version)
    {
        var (control, welcome) = Greet(socketPath, Channel.Control, version);
        var (data, _) = Greet(socketPath, Channel.Data, version);
        var job = welcome.Job ?? throw new ProtocolException("The host gave no job.");
        return new WorkerChannel(data, control, job, heartbeats ?? TimeSpan.FromSeconds(1), time ?? TimeProvider.System, hostGone ?? (() => Signals.ExitNow(HostGoneStatus)));
    }

    /// <summary>Sends a data message, numbered; returns once it's on its way, which is held up while too many are unacknowledged.</summary>
    public async Task SendAsync(DataMessage message, CancellationToken cancellationToken = default)
    {
        await window.WaitAsync(cancellationToken).ConfigureAwait(false);
        await sending.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await data.SendAsync(message with { Number = ++numbered }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            HostGone();
            throw new ProtocolException("The host is gone.", e);
        }
        finally
        {
            sending.Release();
        }
    }

    /// <summary>Sends a data message from synchronous code.</summary>
    /// <inheritdoc cref="SendAsync" path="/summary"/>
    public void Send(DataMessage message) => SendAsync(message).GetAwaiter().GetResult();

    /// <summary>Returns once everything sent is acknowledged.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < Window; i++) await window.WaitAsync(cancellationToken).ConfigureAwait(false);
        window.Release(Window);
    }

    /// <summary>What the next heartbeats say. Costs nothing: call it at every step.</summary>
    public void Report(long step, double progress, string phase) => state = new Heartbeat(step, progress, phase, default);

    /// <summary>Asks this worker to stop, as if the host had (SIGTERM).</summary>
    public void RequestStop(string reason)
    {
        StopReason ??= reason;
        uploads.CompleteAdding();
        streams.CompleteAdding();
        stop.Cancel();
    }

    /// <summary>Closes the connections; the host's going is no longer noticed.</summary>
    public void Dispose()
    {
        closing = true;
        stopped.TrySetResult();
        data.Dispose();
        control.Dispose();
    }

    private static (MessageConnection, Welcome) Greet(string socketPath, Channel channel, int version)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        var connection = new MessageConnection(new NetworkStream(socket, ownsSocket: true));
        connection.Send(new Hello(version, channel, Environment.ProcessId));
        return connection.Receive() switch
        {
            Welcome welcome when welcome.Version == version => (connection, welcome),
            Welcome other => throw new ProtocolException($"The host speaks version {other.Version} of the protocol, this worker version {version}. They come from different builds: build the solution again."),
            NotWelcome refused => throw new ProtocolException($"The host refused this worker: {refused.Reason}"),
            null => throw new ProtocolException("The host closed the connection before it answered."),
            var odd => throw new ProtocolException($"The host answered the hello with a {odd.GetType().Name}."),
        };
    }

    private void ReadControl()
    {
        try
        {
            while (control.Receive() is { } message)
            {
                switch (message)
                {
                    case StopRequest request:
                        RequestStop(request.Reason);
                        break;
                    case UploadRequest upload when !uploads.IsAddingCompleted:
                        uploads.Add(upload);
                        break;
                    case StreamRequest request when !streams.IsAddingCompleted:
                        streams.Add(request);
                        break;
                    default:
                        Console.Error.WriteLine($"The host sent a {message.GetType().Name}, which this worker doesn't expect.");
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or ProtocolException or ObjectDisposedException)
        {
            if (e is ProtocolException) Console.Error.WriteLine(e.Message);
        }
        HostGone();
    }

    private void ReadAcknowledgements()
    {
        try
        {
            long acknowledged = 0;
            while (data.Receive() is { } message)
            {
                if (message is not Acknowledge { Number: var number } || number != acknowledged + 1)
                    throw new ProtocolException($"The host answered with {message} where the acknowledgement of {acknowledged + 1} was due.");
                acknowledged = number;
                window.Release();
            }
        }
        catch (Exception e) when (e is IOException or ProtocolException or ObjectDisposedException)
        {
            if (e is ProtocolException) Console.Error.WriteLine(e.Message);
        }
        HostGone();
    }

    private void Beat(TimeSpan every)
    {
        try
        {
            while (!closing)
            {
                control.Send(state with { Time = time.GetUtcNow() });
                if (stopped.Task.Wait(every)) return;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            HostGone();
        }
    }

    private void HostGone()
    {
        if (!closing) hostGone();
    }
}
