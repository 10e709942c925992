using LipSol.Contracts.Serving;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Serving;
using LipSol.Silo.Tests.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LipSol.Silo.Tests.Serving;

/// <summary>What is measured or looked into, and not read with through a replica, stays in memory for as long, and no longer.</summary>
public sealed class HeldModelTests : IAsyncLifetime
{
    private readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);
    private TestNode node = null!;
    private ModelRuntime runtime = null!;
    private string model = "";

    public async ValueTask InitializeAsync()
    {
        node = await TestNode.StartAsync(clock: time);
        runtime = node.Services.GetRequiredService<ModelRuntime>();
        using var folder = new TemporaryFolder();
        model = node.Artifacts.PutFolder(BrightnessModel.Write(folder.Path));
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();

    private IServingNodeGrain Serving => node.Services.GetRequiredService<IGrainFactory>().GetGrain<IServingNodeGrain>("serving@test");

    [Fact]
    public async Task A_model_that_left_production_stays_while_it_is_looked_into()
    {
        await Serving.WarmAsync(model);
        var (begun, go) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        var looking = runtime.UseAsync(model, loaded =>
        {
            begun.SetResult();
            go.Task.Wait(TestContext.Current.CancellationToken);
            return loaded.Read(BrightnessModel.Clip(250)).Text;
        }, TestContext.Current.CancellationToken);
        await begun.Task;
        await Serving.ReleaseAsync(model);
        await LaterAsync();
        Assert.True(runtime.IsLoaded(model));
        go.SetResult();
        Assert.Equal("نہیں", await looking);
        await LaterAsync();
        Assert.False(runtime.IsLoaded(model));
    }

    [Fact]
    public async Task What_an_evaluation_loaded_is_let_go_afterwards()
    {
        await runtime.EvaluateAsync(model, node.AddCorpus(), decoder: null, TestContext.Current.CancellationToken);
        Assert.True(runtime.IsLoaded(model));
        await LaterAsync();
        Assert.False(runtime.IsLoaded(model));
    }

    private Task LaterAsync()
    {
        time.Advance(TimeSpan.FromMinutes(1));
        return Serving.RefreshAsync();
    }
}
