using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Terminals;

/// <summary>A clock that runs on the progress line while a node works on one long answer.</summary>
internal sealed class Waiting : IDisposable
{
    private readonly ProgressLine progress;
    private readonly Timer timer;

    private Waiting(ProgressLine progress)
    {
        this.progress = progress;
        timer = new Timer(_ => progress.Report(0, 0), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public static Waiting For(Invocation call, string what) => new(call.Terminal.Progress(what, ""));

    public void Dispose()
    {
        timer.Dispose();
        progress.Dispose();
    }
}
