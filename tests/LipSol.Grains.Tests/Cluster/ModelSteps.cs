using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;
using LipSol.Language.Evaluation;
using Microsoft.Extensions.DependencyInjection;

namespace LipSol.Grains.Tests.Cluster;

/// <summary>What tests of serving do with models, in one line each.</summary>
internal static class ModelSteps
{
    public static readonly ReadRequest Clip = new([1, 2, 3], null, null);

    /// <summary>Lets every version through that isn't worse than the one before.</summary>
    public static readonly GatePolicy AnyAsGood = new() { Threshold = 0, Confidence = 0.01 };

    /// <summary>Registers the next version; its model folder, and what it reads, is <paramref name="artifact"/>.</summary>
    public static async Task<int> RegisterAsync(this LipSolCluster cluster, string model, string artifact)
    {
        string run = await cluster.StartRunAsync(artifact);
        Evaluation evaluation = EvaluationFile.Create("data", Enumerable.Range(0, 50).Select(i => new EvaluatedSample($"c{i:00}", "s", true, "ایک", "ایک", 1)));
        await (await cluster.Workers.OfAsync(run)).EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome(artifact, cluster.Models.Keep(evaluation)));
        return (await cluster.Model(model).RegisterAsync(run)).Version;
    }

    public static Task<PromotionDecision> PromoteAsync(this IModelGrain model, int version, GatePolicy policy, string by = "", string key = "") =>
        model.PromoteAsync(new PromotionRequest { Version = version, Policy = policy, By = by, Key = key });

    /// <summary>Registers versions and puts the first one into production.</summary>
    public static async Task ServeAsync(this LipSolCluster cluster, string model, params string[] artifacts)
    {
        foreach (string artifact in artifacts) await cluster.RegisterAsync(model, artifact);
        PromotionDecision decision = await cluster.Model(model).PromoteAsync(1, AnyAsGood);
        Assert.True(decision.Promoted, decision.Reason);
    }

    /// <summary>The way into the cluster that a program on a node has, as its HTTP side.</summary>
    public static IGrainFactory On(this LipSolCluster cluster, string node) => cluster.ServicesOf(node).GetRequiredService<IGrainFactory>();

    public static IServiceProvider ServicesOf(this LipSolCluster cluster, string node) => ((Orleans.TestingHost.InProcessSiloHandle)cluster.Orleans.Silos.Single(s => s.Name == node)).ServiceProvider;

    public static IModelReaderGrain ReaderOn(this LipSolCluster cluster, string node, string model) => cluster.On(node).GetGrain<IModelReaderGrain>(model);

    public static IServingNodeGrain Serving(this LipSolCluster cluster, string node) => cluster.Orleans.Client.GetGrain<IServingNodeGrain>($"serving@{node}");

    /// <summary>What was counted, once it is so.</summary>
    public static async Task<ModelTraffic> TrafficAsync(this LipSolCluster cluster, string model, Func<ModelTraffic, bool> so)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            ModelTraffic traffic = (await cluster.Model(model).GetTrafficAsync())!;
            if (so(traffic)) return traffic;
            Assert.False(limit.IsCancellationRequested, $"It never came about; last: {traffic.Figures}");
            await Task.Yield();
        }
    }
}
