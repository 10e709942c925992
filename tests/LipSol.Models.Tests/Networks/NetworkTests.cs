using LipSol.Clips;
using LipSol.Models.Networks;
using LipSol.Models.Parameters;
using LipSol.Models.Training;
using static TorchSharp.torch;

namespace LipSol.Models.Tests.Networks;

public sealed class NetworkTests
{
    private static InputSpec Spec(int size, bool marks) => new() { Frames = 12, Resize = size, Size = size, Mean = 0.5, StandardDeviation = 0.2, MarksWord = marks };

    private static readonly Dictionary<string, string> Narrow = new() { ["width"] = "4", ["front"] = "4", ["hidden"] = "6", ["scale_width"] = "5" };

    [Theory]
    [InlineData("word-tcn", 32, true)]
    [InlineData("word-tcn", 44, false)]
    [InlineData("word-tcn", 46, true)]
    [InlineData("word-gru", 32, true)]
    [InlineData("word-gru", 45, false)]
    public void A_network_reads_the_same_in_torch_and_in_onnx_at_any_batch_and_length(string name, int size, bool marks)
    {
        manual_seed(7);
        using var network = (WordNetwork)NetworkRegistry.Create(name, Narrow, Spec(size, marks), 9);
        foreach (var (batch, length) in ((long, long)[])[(1, 12), (3, 12), (2, 21)])
        {
            var difference = OnnxRun.Difference(network, batch, marks ? 2 : 1, length, size, size);
            Assert.True(difference <= OnnxRun.Tolerance, $"{name} differs by {difference} at batch {batch}, length {length}");
        }
    }

    [Fact]
    public void The_default_networks_agree_with_onnx_at_full_size()
    {
        foreach (var name in NetworkRegistry.Names.Where(n => NetworkRegistry.Task(n) == NetworkTask.Word))
        {
            manual_seed(3);
            using var network = (WordNetwork)NetworkRegistry.Create(name, new Dictionary<string, string>(), Spec(44, true) with { Frames = 29 }, 51);
            Assert.InRange(OnnxRun.Difference(network, 2, 2, 29, 44, 44), 0, OnnxRun.Tolerance);
        }
    }

    [Fact]
    public void The_same_network_gives_the_same_file()
    {
        byte[] File()
        {
            manual_seed(5);
            using var network = NetworkRegistry.Create("word-tcn", Narrow, Spec(32, true), 4);
            return network.ToOnnx(new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" });
        }
        Assert.Equal(File(), File());
    }

    [Fact]
    public void An_unknown_network_is_refused_with_the_names_of_those_there_are()
    {
        var refusal = Assert.Throws<InvalidParameterException>(() => TrainingParameters.Resolve("word-lstm", new Dictionary<string, string>()));
        Assert.Contains("char-gru, char-tcn, word-gru, word-tcn", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_parameter_is_refused_with_the_names_of_those_there_are()
    {
        var refusal = Assert.Throws<InvalidParameterException>(() => TrainingParameters.Resolve("word-tcn", new Dictionary<string, string> { ["learningrate"] = "1" }));
        Assert.Contains("'learningrate'", refusal.Message, StringComparison.Ordinal);
        foreach (var known in TrainingParameters.Known("word-tcn")) Assert.Contains($"{known.Name} ({known.Default})", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("epochs", "ten")]
    [InlineData("epochs", "1.5")]
    [InlineData("epochs", "0")]
    [InlineData("learning_rate", "NaN")]
    [InlineData("learning_rate", "0,1")]
    [InlineData("dropout", "1.5")]
    [InlineData("frozen", "yes")]
    [InlineData("size", "64")]
    public void A_wrong_value_is_refused_by_name(string name, string value)
    {
        var refusal = Assert.Throws<InvalidParameterException>(() => TrainingParameters.Resolve("word-tcn", new Dictionary<string, string> { [name] = value }));
        Assert.Contains($"'{name}'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolved_parameters_name_every_value_and_give_the_same_again()
    {
        var first = TrainingParameters.Resolve("word-gru", new Dictionary<string, string> { ["epochs"] = "3", ["mixup"] = "0.25" });
        Assert.Equal(TrainingParameters.Known("word-gru").Select(k => k.Name).Order(StringComparer.Ordinal), first.All.Keys);
        Assert.Equal("3", first.All["epochs"]);
        Assert.Equal(first.All, TrainingParameters.Resolve("word-gru", first.All).All);
    }
}
