using LipSol.Inference.Tests.Networks;
using Microsoft.ML.OnnxRuntime;

namespace LipSol.Inference.Tests.Devices;

/// <summary>The choice of the device, with a stand-in for the GPU's part of ONNX Runtime, which these machines lack.</summary>
public sealed class DeviceChoiceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string onnx;

    public DeviceChoiceTests() => onnx = Path.Combine(BrightnessModel.Write(folder.Path), "model.onnx");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_gpu_that_works_is_taken()
    {
        var providers = new StandIn(["CUDAExecutionProvider", "CPUExecutionProvider"]);
        var (session, choice) = DeviceChoice.Open(providers, onnx, "auto", 2);
        session.Dispose();
        Assert.Equal(new DeviceChoice("cuda:0", null), choice);
        Assert.Equal([("cuda:0", 2)], providers.Opened);
    }

    [Fact]
    public void Without_a_gpu_build_the_cpu_computes_and_the_note_names_the_build_option()
    {
        var (session, choice) = DeviceChoice.Open(new StandIn(["CPUExecutionProvider"]), onnx, "auto", 1);
        session.Dispose();
        Assert.Equal("cpu", choice.Device);
        Assert.Contains("LipSolAccelerator=cuda", choice.Note);
    }

    [Fact]
    public void A_gpu_that_fails_gives_way_to_the_cpu_and_the_note_says_why()
    {
        var providers = new StandIn(["CUDAExecutionProvider"]) { Failing = "cuda:0" };
        var (session, choice) = DeviceChoice.Open(providers, onnx, "auto", 1);
        session.Dispose();
        Assert.Equal("cpu", choice.Device);
        Assert.Contains("cuda:0 did not work", choice.Note);
    }

    [Fact]
    public void A_gpu_asked_for_by_number_is_had_or_refused()
    {
        Assert.Throws<UnusableModelException>(() => DeviceChoice.Open(new StandIn(["CPUExecutionProvider"]), onnx, "cuda:1", 1));
        Assert.Throws<UnusableModelException>(() => DeviceChoice.Open(new StandIn(["CUDAExecutionProvider"]) { Failing = "cuda:1" }, onnx, "cuda:1", 1));
    }

    [Fact]
    public void The_cpu_asked_for_is_taken_even_where_there_is_a_gpu()
    {
        var providers = new StandIn(["CUDAExecutionProvider"]);
        DeviceChoice.Open(providers, onnx, "cpu", 1).Session.Dispose();
        Assert.Equal([("cpu", 1)], providers.Opened);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda")]
    [InlineData("cuda:-1")]
    [InlineData("")]
    public void A_device_that_is_none_is_refused(string asked) => Assert.Throws<ArgumentException>(() => DeviceChoice.Open(new StandIn([]), onnx, asked, 1));

    [Fact]
    public void This_build_of_onnx_runtime_computes_on_the_cpu() => Assert.Contains("CPUExecutionProvider", new OnnxExecutionProviders().Available);

    private sealed class StandIn(IReadOnlyList<string> available) : IExecutionProviders
    {
        private readonly OnnxExecutionProviders real = new();

        public IReadOnlyList<string> Available { get; } = available;

        public List<(string Device, int Threads)> Opened { get; } = [];

        public string? Failing { get; init; }

        public InferenceSession Open(string onnxPath, string device, int threads)
        {
            Opened.Add((device, threads));
            // ONNX Runtime's exception can't be made by hand: a file that isn't there gives a real one.
            return real.Open(device == Failing ? onnxPath + ".missing" : onnxPath, "cpu", threads);
        }
    }
}
