using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Jupyter;

/// <summary>
/// The kernel as Jupyter sees it: requests come in, one cell runs at a time, and each request is told as busy, answered, and told as idle, in that order.
/// Requests on the control channel don't wait for the cell.
/// </summary>
public sealed class JupyterKernel : IDisposable
{
    // A front end that waits for its kernel's end waits about five seconds.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(4);
    private readonly CellEngine _engine = new();
    private readonly JupyterSockets _sockets;
    private readonly KernelRequests _requests;
    private readonly Channel<JupyterMessage> _shell = Channel.CreateUnbounded<JupyterMessage>();
    private readonly Channel<JupyterMessage> _control = Channel.CreateUnbounded<JupyterMessage>();
    private readonly StdinQuestions _questions;
    private readonly TaskCompletionSource _shutdown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private JupyterKernel(ConnectionFile connection)
    {
        _sockets = new JupyterSockets(connection, Received);
        _questions = new StdinQuestions(_sockets);
        _requests = new KernelRequests(_engine, _sockets, _questions, new OpenNotebook(connection.Path));
    }

    /// <summary>
    /// Answers a front end until it asks for the end, <paramref name="stop"/> fires, or the process that started this one is gone. SIGINT interrupts the running cell and nothing else.
    /// </summary>
    /// <exception cref="ConnectionFileException">A port can't be listened on.</exception>
    public static async Task RunAsync(ConnectionFile connection, CancellationToken stop = default)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        // Before anyone is told that it's there: a parent that dies from here on is noticed.
        var orphaned = ParentProcess.GoneAsync(over.Token);
        using var kernel = new JupyterKernel(connection);
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            kernel._requests.Interrupt();
        });
        _ = Task.Run(kernel._engine.WarmUpAsync, CancellationToken.None);
        _ = Task.Run(() => kernel.ServeAsync(kernel._shell.Reader, JupyterChannel.Shell), CancellationToken.None);
        _ = Task.Run(() => kernel.ServeAsync(kernel._control.Reader, JupyterChannel.Control), CancellationToken.None);
        kernel._sockets.Send(JupyterChannel.IoPub, "status", new JsonObject { ["execution_state"] = "starting" }, parent: null);
        await Task.WhenAny(kernel._shutdown.Task, orphaned, Task.Delay(Timeout.Infinite, over.Token));
        await over.CancelAsync();
        kernel._requests.Interrupt();
        await kernel._sockets.FlushAsync();
        using var limit = new CancellationTokenSource(Farewell);
        foreach (var problem in kernel._engine.Notebook is { } notebook ? await notebook.SavedAsync(limit.Token) : [])
            await Console.Error.WriteLineAsync(problem);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _shell.Writer.TryComplete();
        _control.Writer.TryComplete();
        _sockets.Dispose();
    }

    private void Received(JupyterChannel channel, JupyterMessage message)
    {
        if (message.Type == "interrupt_request")
            _requests.Interrupt();
        if (channel == JupyterChannel.Stdin)
            _questions.Answer(message);
        else
            (channel == JupyterChannel.Shell ? _shell : _control).Writer.TryWrite(message);
    }

    private async Task ServeAsync(ChannelReader<JupyterMessage> requests, JupyterChannel channel)
    {
        await foreach (var request in requests.ReadAllAsync())
        {
            Tell("busy", request);
            try
            {
                var answer = await _requests.AnswerAsync(request);
                if (answer is not null)
                    _sockets.Send(channel, ReplyTo(request.Type), answer, request);
            }
            catch (Exception e)
            {
                // One request that goes wrong must not take the others with it.
                Console.Error.WriteLine($"lipsol kernel: {request.Type}: {e}");
                _sockets.Send(channel, ReplyTo(request.Type), new JsonObject { ["status"] = "error", ["ename"] = e.GetType().Name, ["evalue"] = e.Message, ["traceback"] = new JsonArray() }, request);
            }

            Tell("idle", request);
            if (request.Type == "shutdown_request")
                _shutdown.TrySetResult();
        }
    }

    private static string ReplyTo(string type) => type.EndsWith("_request", StringComparison.Ordinal) ? type[..^"_request".Length] + "_reply" : type + "_reply";

    private void Tell(string state, JupyterMessage request) =>
        _sockets.Send(JupyterChannel.IoPub, "status", new JsonObject { ["execution_state"] = state }, request);
}
