using System.Net;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Contracts.Serving;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace LipSol.Silo.Tests.Access;

/// <summary>docs/inference-as-a-grain.md, carried out: an Orleans client finds the gateway in node.json and reads with the grain.</summary>
public sealed class GrainClientTests(NodeFixture fixture)
{
    [Fact]
    public async Task A_grain_call_and_an_http_call_give_the_same_answer()
    {
        var gateway = NodeFile.Read(fixture.Node.DataFolder)!.Gateway!;
        var host = Host.CreateApplicationBuilder();
        host.Logging.ClearProviders();
        host.UseOrleansClient(client => client
            .UseStaticClustering(IPEndPoint.Parse(gateway))
            .Configure<ClusterOptions>(cluster => { cluster.ClusterId = "lipsol"; cluster.ServiceId = "lipsol"; }));
        using var app = host.Build();
        await app.StartAsync();
        var clip = MouthClipFile.ToBytes(BrightnessModel.Clip(170));
        var grain = app.Services.GetRequiredService<IGrainFactory>().GetGrain<IModelReaderGrain>(NodeFixture.Model);

        var reading = await grain.ReadAsync(new ReadRequest(clip, null, null), null);
        var read = await fixture.Client.Transcriptions.TranscribeAsync(new MemoryStream(clip), "clip.npz");

        Assert.Equal(read.Confidence, reading.Confidence, 1e-6);
        Assert.Equal((read.Text, read.Provenance.Version, read.Provenance.RunId, read.Provenance.DataHash),
            (reading.Text, reading.Version, reading.RunId, reading.DataHash));
        var refusal = await Assert.ThrowsAsync<UnreadableInputException>(() => grain.ReadAsync(new ReadRequest(MouthClipFile.ToBytes(BrightnessModel.Clip(0, frames: 60)), null, null), null));
        Assert.Equal("too-long", refusal.Reason);
        await app.StopAsync();
    }
}
