using System.Text.Json.Nodes;

namespace LipSol.Kernel.Jupyter;

/// <summary>Asks the person in front of the notebook, one question at a time.</summary>
internal sealed class StdinQuestions(JupyterSockets sockets)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private TaskCompletionSource<string>? _asked;

    /// <exception cref="InvalidOperationException">The front end takes no questions.</exception>
    public async Task<string> AskAsync(JupyterMessage request, string prompt, bool isPassword, CancellationToken cancellation)
    {
        if (!request.Says("allow_stdin", otherwise: false))
            throw new InvalidOperationException("Nobody can be asked here: the front end runs this cell without a person in front of it. Give the value as a parameter of the notebook.");
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var asked = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _asked, asked);
            sockets.Send(JupyterChannel.Stdin, "input_request", new JsonObject { ["prompt"] = prompt, ["password"] = isPassword }, request);
            return await asked.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _asked, null);
            _turn.Release();
        }
    }

    /// <summary>Takes an <c>input_reply</c>; one that nobody waits for is dropped.</summary>
    public void Answer(JupyterMessage reply) => Volatile.Read(ref _asked)?.TrySetResult(reply.Text("value"));
}
