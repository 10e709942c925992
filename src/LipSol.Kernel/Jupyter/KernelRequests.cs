using System.Diagnostics;
using System.Text.Json.Nodes;
using LipSol.Kernel.Assistance;
using LipSol.Kernel.Engine;
using LipSol.Kernel.Magics;
using LipSol.Kernel.Notebooks;

namespace LipSol.Kernel.Jupyter;

/// <summary>What each request of the protocol is answered with.</summary>
internal sealed class KernelRequests(CellEngine engine, JupyterSockets sockets, StdinQuestions questions, OpenNotebook open)
{
    private readonly CellAssistant _assistant = new(engine);
    private readonly CellHistory _history = new();
    private readonly Lock _gate = new();
    private CancellationTokenSource? _running;
    private long _abortUntil;

    /// <summary>Interrupts the running cell; where none runs, nothing happens.</summary>
    public void Interrupt()
    {
        CancellationTokenSource? running;
        lock (_gate)
            running = _running;
        // On a thread of its own: the cell may have taken all those of the pool.
        if (running is not null) new Thread(() => Cancel(running)) { IsBackground = true, Name = "interrupt" }.Start();
    }

    private static void Cancel(CancellationTokenSource running)
    {
        try
        {
            running.Cancel();
        }
        catch (AggregateException e)
        {
            Console.Error.WriteLine($"lipsol kernel: what a cell registered with its token threw: {e.InnerException}");
        }
    }

    /// <summary>The content of the reply to <paramref name="request"/>; null where it gets none.</summary>
    public async Task<JsonObject?> AnswerAsync(JupyterMessage request)
    {
        switch (request.Type)
        {
            case "execute_request":
                return await ExecuteAsync(request);
            case "kernel_info_request":
                return KernelInfo();
            case "complete_request":
                return Complete(request);
            case "inspect_request":
                return Inspect(request);
            case "is_complete_request":
                return IsComplete(request);
            case "history_request":
                return _history.Answer(request);
            case "comm_info_request":
                return new JsonObject { ["status"] = "ok", ["comms"] = new JsonObject() };
            case "comm_open":
                // There is nothing here to talk to: the protocol's answer to that is to close at once.
                sockets.Send(JupyterChannel.IoPub, "comm_close", new JsonObject { ["comm_id"] = request.Text("comm_id"), ["data"] = new JsonObject() }, request);
                return null;
            case "comm_msg" or "comm_close":
                return null;
            case "interrupt_request":
                // Done when it came: the cell may have taken all threads that could do so here.
                return new JsonObject { ["status"] = "ok" };
            case "shutdown_request":
                var answer = new JsonObject { ["status"] = "ok", ["restart"] = request.Says("restart", otherwise: false) };
                sockets.Send(JupyterChannel.IoPub, "shutdown_reply", answer.DeepClone().AsObject(), request);
                return answer;
            default:
                return new JsonObject
                {
                    ["status"] = "error",
                    ["ename"] = "NotSupported",
                    ["evalue"] = $"This kernel doesn't know {request.Type}.",
                    ["traceback"] = new JsonArray(),
                };
        }
    }

    private async Task<JsonObject> ExecuteAsync(JupyterMessage request)
    {
        if (request.ReceivedAt < Interlocked.Read(ref _abortUntil))
            return new JsonObject { ["status"] = "aborted" };
        var source = request.Text("code");
        var silent = request.Says("silent", otherwise: false);
        var recorded = !silent && request.Says("store_history", otherwise: true);
        if (!silent)
            sockets.Send(JupyterChannel.IoPub, "execute_input", new JsonObject { ["code"] = source, ["execution_count"] = engine.ExecutionCount + 1 }, request);
        var publisher = new CellPublisher(sockets, request);
        string? shown = null;
        CellResult result;
        // Never disposed: an interrupt may be going through it when the cell ends.
        var cancellation = new CancellationTokenSource();
        lock (_gate)
            _running = cancellation;
        if (!silent) engine.Notebook ??= NotebookOrigin.OfSession(await open.FindAsync());
        // JupyterLab says of which cell a request is (https://github.com/jupyterlab/jupyterlab/pull/6457).
        if (engine.Notebook is { } notebook) notebook.Cell = request.Metadata?["cellId"]?.ToString();
        try
        {
            result = await engine.ExecuteAsync(source, Show, input: (prompt, isPassword, token) => questions.AskAsync(request, prompt, isPassword, token), cancellation: cancellation.Token);
        }
        catch (Exception e) when (e is InvalidOperationException or OperationCanceledException)
        {
            var error = CellError.Plain(e is OperationCanceledException ? "Cancelled" : "KernelBusy", e.Message);
            publisher.Publish(new ErrorOutput(error));
            result = new CellResult(engine.ExecutionCount, error);
        }
        finally
        {
            lock (_gate)
                _running = null;
        }

        publisher.Flush();
        if (recorded)
            _history.Add(result.ExecutionCount, source, shown);
        return Outcome(request, result);

        void Show(CellOutput output)
        {
            if (silent)
                return;
            if (output is ResultOutput value)
                shown = value.Data.GetValueOrDefault("text/plain") ?? value.Data.Values.FirstOrDefault();
            publisher.Publish(output);
        }
    }

    private JsonObject Outcome(JupyterMessage request, CellResult result)
    {
        if (result.Error is { } error)
        {
            // What was asked for before this failed, as with "run all", isn't run on top of it.
            if (request.Says("stop_on_error", otherwise: true))
                Interlocked.Exchange(ref _abortUntil, Stopwatch.GetTimestamp());
            var reply = CellPublisher.Error(error);
            reply["status"] = "error";
            reply["execution_count"] = result.ExecutionCount;
            return reply;
        }

        var expressions = new JsonObject();
        foreach (var (name, _) in request.Content["user_expressions"] as JsonObject ?? new JsonObject())
            expressions[name] = new JsonObject { ["status"] = "error", ["ename"] = "NotSupported", ["evalue"] = "This kernel evaluates no user expressions.", ["traceback"] = new JsonArray() };
        return new JsonObject
        {
            ["status"] = "ok",
            ["execution_count"] = result.ExecutionCount,
            ["payload"] = new JsonArray(),
            ["user_expressions"] = expressions,
        };
    }

    private JsonObject Complete(JupyterMessage request)
    {
        var code = request.Text("code");
        var found = _assistant.Complete(code, CodePoints.ToIndex(code, request.Number("cursor_pos", int.MaxValue)));
        var (start, end) = (CodePoints.Before(code, found.Start), CodePoints.Before(code, found.End));
        return new JsonObject
        {
            ["status"] = "ok",
            ["matches"] = new JsonArray([.. found.Items.Select(i => JsonValue.Create(i.Text))]),
            ["cursor_start"] = start,
            ["cursor_end"] = end,
            ["metadata"] = new JsonObject
            {
                ["_jupyter_types_experimental"] = new JsonArray([.. found.Items.Select(i => (JsonNode)new JsonObject { ["text"] = i.Text, ["type"] = i.Kind, ["start"] = start, ["end"] = end })]),
            },
        };
    }

    private JsonObject Inspect(JupyterMessage request)
    {
        var code = request.Text("code");
        var text = _assistant.Inspect(code, CodePoints.ToIndex(code, request.Number("cursor_pos", int.MaxValue)));
        return new JsonObject
        {
            ["status"] = "ok",
            ["found"] = text is not null,
            ["data"] = text is null ? new JsonObject() : new JsonObject { ["text/plain"] = text },
            ["metadata"] = new JsonObject(),
        };
    }

    private JsonObject IsComplete(JupyterMessage request)
    {
        var state = _assistant.Judge(request.Text("code"));
        var reply = new JsonObject { ["status"] = state.ToString().ToLowerInvariant() };
        if (state == Completeness.Incomplete)
            reply["indent"] = "    ";
        return reply;
    }

    private static JsonObject KernelInfo() => new()
    {
        ["status"] = "ok",
        ["protocol_version"] = "5.3",
        ["implementation"] = "LipSol",
        ["implementation_version"] = About.Version,
        ["language_info"] = new JsonObject
        {
            ["name"] = "C#",
            ["version"] = "14.0",
            ["mimetype"] = "text/x-csharp",
            ["file_extension"] = ".cs",
            ["pygments_lexer"] = "csharp",
            ["codemirror_mode"] = "text/x-csharp",
        },
        ["banner"] = $"LipSol {About.Version}: C# for .NET Interactive notebooks. #!lsmagic lists the magics.",
        ["help_links"] = new JsonArray(),
        ["debugger"] = false,
    };
}
