using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Tests.Engine;

/// <summary>An engine and what its cells showed.</summary>
internal sealed class Cells : IDisposable
{
    // Where the machine is busy, a cancelled cell may take longer than usual to leave.
    private readonly CellEngine _engine = new() { Grace = TimeSpan.FromSeconds(30) };

    public List<CellOutput> Outputs { get; } = [];

    public string StandardOutput => string.Concat(Outputs.OfType<StreamOutput>().Where(s => s.Stream == "stdout").Select(s => s.Text));

    public CellEngine Engine => _engine;

    public async Task<CellResult> RunAsync(string source, CancellationToken cancellation = default)
    {
        Outputs.Clear();
        return await _engine.ExecuteAsync(source, Outputs.Add, cancellation: cancellation);
    }

    /// <summary>Runs a cell and cancels it at its first output: while it runs, not before it began.</summary>
    public async Task<CellResult> CancelAtFirstOutputAsync(string source)
    {
        using var cancellation = new CancellationTokenSource();
        return await _engine.ExecuteAsync(source, _ => cancellation.CancelAfter(TimeSpan.FromMilliseconds(50)), cancellation: cancellation.Token);
    }

    public async Task<string> ValueAsync(string source)
    {
        var result = await RunAsync(source);
        Assert.True(result.Succeeded, string.Join('\n', result.Error?.Traceback ?? []));
        return Assert.Single(Outputs.OfType<ResultOutput>()).Data.First().Value;
    }

    public void Dispose() => _engine.Dispose();
}
