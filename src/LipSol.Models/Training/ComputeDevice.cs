using LipSol.Models.Parameters;
using TorchSharp;

namespace LipSol.Models.Training;

/// <summary>The device a run asks for.</summary>
internal static class ComputeDevice
{
    /// <summary>Finds <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    /// <exception cref="InvalidParameterException">It isn't there; the message says what to do.</exception>
    public static torch.Device Find(string name)
    {
        if (name == "cpu") return torch.CPU;
        if (name != "cuda" && !(name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out _)))
            throw new InvalidParameterException($"There is no device '{name}': it is cpu, cuda or cuda:0, cuda:1, ….");
        var index = name == "cuda" ? 0 : int.Parse(name.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture);
        if (!torch.cuda.is_available())
            throw new InvalidParameterException($"The run asks for {name}, but torch finds no CUDA here. Use device cpu, or a build with -p:LipSolAccelerator=cuda on a machine with an NVIDIA driver.");
        if (index < 0 || index >= torch.cuda.device_count())
            throw new InvalidParameterException($"The run asks for {name}, but this machine has {torch.cuda.device_count()} CUDA device(s), counted from 0.");
        return torch.device($"cuda:{index}");
    }
}
