using System.Runtime.InteropServices;

namespace LipSol.Silo.Node;

/// <summary>The life of a node that another program started for itself: it stops on SIGTERM, and when its standard input closes, which is how the end of that program shows, however it ended.</summary>
/// <remarks>Ctrl-C reaches every process of a terminal. Here it's ignored: the program that owns the node has its runs to stop first.</remarks>
internal sealed class AttachedLifetime(IHostApplicationLifetime application) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> signals = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true));
        signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            application.StopApplication();
        }));
        new Thread(WaitForOwner) { IsBackground = true, Name = "owner" }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var signal in signals) signal.Dispose();
    }

    private void WaitForOwner()
    {
        try
        {
            using var input = Console.OpenStandardInput();
            Span<byte> ignored = stackalloc byte[256];
            while (input.Read(ignored) > 0) { }
        }
        catch (IOException)
        {
            // The other end is gone: so is its program.
        }
        application.StopApplication();
    }
}
