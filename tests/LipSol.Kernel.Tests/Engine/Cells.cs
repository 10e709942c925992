using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Tests.Engine;

/// <summary>An engine and what its cells showed.</summary>
internal sealed class Cells : IDisposable
{
    private readonly CellEngine _engine = new();

    public List<CellOutput> Outputs { get; } = [];

    public string StandardOutput => string.Concat(Outputs.OfType<StreamOutput>().Where(s => s.Stream == "stdout").Select(s => s.Text));

    public CellEngine Engine => _engine;

    public async Task<CellResult> RunAsync(string source, CancellationToken cancellation = default)
    {
        Outputs.Clear();
        return await _engine.ExecuteAsync(source, Outputs.Add, cancellation: cancellation);
    }

    public async Task<string> ValueAsync(string source)
    {
        var result = await RunAsync(source);
        Assert.True(result.Succeeded, string.Join('\n', result.Error?.Traceback ?? []));
        return Assert.Single(Outputs.OfType<ResultOutput>()).Data.First().Value;
    }

    public void Dispose() => _engine.Dispose();
}
