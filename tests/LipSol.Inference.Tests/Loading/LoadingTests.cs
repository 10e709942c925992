using LipSol.Inference.Tests.Networks;

namespace LipSol.Inference.Tests.Loading;

public sealed class LoadingTests : IDisposable
{
    private static readonly SessionSettings Cpu = new() { Device = "cpu", Threads = 1 };
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_manifest_comes_back_as_it_was_written()
    {
        BrightnessModel.Write(folder.Path);
        var read = ModelManifestFile.Read(folder.Path);
        Assert.Equal(BrightnessModel.Words, read.Vocabulary);
        Assert.Equal(BrightnessModel.Crop.Fingerprint(), read.Crop.Fingerprint());
        Assert.Equal(BrightnessModel.Manifest().Input, read.Input);
        Assert.NotNull(read.OnnxHash);
        Assert.Contains("نہیں", File.ReadAllText(Path.Combine(folder.Path, "model.json")));
    }

    [Fact]
    public void A_network_that_was_exchanged_is_refused()
    {
        BrightnessModel.Write(folder.Path);
        var path = Path.Combine(folder.Path, "model.onnx");
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^20]);
        Assert.Contains("changed or cut short", Assert.Throws<UnusableModelException>(() => LoadedModel.Load(folder.Path, Cpu)).Message);
    }

    [Fact]
    public void A_file_that_is_no_network_is_refused()
    {
        Directory.CreateDirectory(folder.Path);
        File.WriteAllText(Path.Combine(folder.Path, "model.onnx"), "not a network");
        ModelManifestFile.Write(BrightnessModel.Manifest(), folder.Path);
        Assert.Contains("not a network that ONNX Runtime can load", Assert.Throws<UnusableModelException>(() => LoadedModel.Load(folder.Path, Cpu)).Message);
    }

    [Fact]
    public void A_newer_format_is_refused_with_what_to_do()
    {
        BrightnessModel.Write(folder.Path, BrightnessModel.Manifest() with { Format = 2 });
        Assert.Contains("Update LipSol", Assert.Throws<UnusableModelException>(() => LoadedModel.Load(folder.Path, Cpu)).Message);
    }

    [Fact]
    public void Classes_that_do_not_fit_the_network_are_refused()
    {
        BrightnessModel.Write(folder.Path, classes: 4);
        Assert.Contains("4 classes", Assert.Throws<UnusableModelException>(() => LoadedModel.Load(folder.Path, Cpu)).Message);
    }

    [Fact]
    public void An_input_that_does_not_fit_the_network_is_refused()
    {
        var manifest = BrightnessModel.Manifest();
        BrightnessModel.Write(folder.Path, manifest with { Input = manifest.Input with { Size = 20 } });
        Assert.Contains("describes", Assert.Throws<UnusableModelException>(() => LoadedModel.Load(folder.Path, Cpu)).Message);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"format\":\"x\"}")]
    [InlineData("")]
    public void A_damaged_manifest_is_refused(string json)
    {
        BrightnessModel.Write(folder.Path);
        File.WriteAllText(Path.Combine(folder.Path, "model.json"), json);
        Assert.Throws<UnusableModelException>(() => LoadedModel.Load(folder.Path, Cpu));
    }

    [Theory]
    [InlineData(2, "a clip of zeros")]
    [InlineData(1, "two clips at once")]
    public void A_network_that_loads_and_fails_at_reading_is_refused(int batch, string at)
    {
        // Its answer is made into one of so many clips, however many were sent.
        BrightnessModel.Write(folder.Path, network: BrightnessModel.Network(3, answersFor: batch));
        var told = Assert.Throws<UnusableModelException>(() => LoadedModel.Load(folder.Path, Cpu)).Message;
        Assert.Contains($"loads and can't read {at}", told);
        Assert.Contains("Export the run's checkpoint again", told);
    }

    [Fact]
    public void A_network_whose_weights_are_no_numbers_is_refused()
    {
        BrightnessModel.Write(folder.Path, network: BrightnessModel.Network(3, bias: float.NaN));
        Assert.Contains("isn't numbers", Assert.Throws<UnusableModelException>(() => LoadedModel.Load(folder.Path, Cpu)).Message);
    }

    [Fact]
    public void An_empty_folder_says_what_a_model_folder_holds()
        => Assert.Contains("holds model.json and model.onnx", Assert.Throws<UnusableModelException>(() => LoadedModel.Load(folder.Path, Cpu)).Message);

    [Fact]
    public async Task Unloading_under_load_never_breaks_a_read_under_way()
    {
        BrightnessModel.Write(folder.Path);
        var clip = BrightnessModel.Clip(255);
        for (var round = 0; round < 10; round++)
        {
            var model = LoadedModel.Load(folder.Path, Cpu);
            var prepared = model.Prepare(clip);
            using var begun = new CountdownEvent(4);
            var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                var read = 0;
                begun.Signal();
                try
                {
                    while (true)
                    {
                        Assert.Equal("نہیں", model.Read([prepared])[0].Text);
                        read++;
                    }
                }
                catch (ObjectDisposedException)
                {
                    return read;
                }
            })).ToArray();
            begun.Wait(TestContext.Current.CancellationToken);
            model.Dispose();
            model.Dispose();
            await Task.WhenAll(readers);
        }
    }
}
