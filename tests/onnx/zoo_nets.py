# SPDX-License-Identifier: MIT
"""Networks for zoo.py: torchvision's families and small hand-written ones.

NETS maps a name to (build, inputs): build() makes the module, inputs(n) a tuple of tensors for a
batch of n. QUICK lists what runs with every `make test`.
"""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision.models as tv

NETS = {}
QUICK = []


def net(name, inputs, quick=False):
    def put(build):
        NETS[name] = (build, inputs)
        if quick:
            QUICK.append(name)
        return build
    return put


def image(side, channels=3, width=None):
    return lambda n: (torch.randn(n, channels, side, width or side),)


def rows(*shape):
    return lambda n: (torch.randn(n, *shape),)


def tokens(length, words=50, mask=False):
    def make(n):
        ids = torch.randint(1, words, (n, length))
        if not mask:
            return (ids,)
        keep = torch.ones(n, length, dtype=torch.int64)
        for i in range(n):
            keep[i, length - i % (length - 1):] = 0
        return (ids * keep, keep)
    return make


# ---- torchvision ------------------------------------------------------------------------------

def vision(name, side, quick=False, family=None, **settings):
    family = family or getattr(tv, name.split("/")[0])
    net(name, image(side), quick)(lambda: family(num_classes=7, **settings))


def googlenet(num_classes):
    made = tv.googlenet(num_classes=num_classes, init_weights=False, aux_logits=False)
    return made


def inception(num_classes):
    made = tv.inception_v3(num_classes=num_classes, init_weights=False, aux_logits=False)
    return made


def small_resnet(num_classes):
    from torchvision.models.resnet import Bottleneck, ResNet
    return ResNet(Bottleneck, [1, 1, 1, 1], num_classes=num_classes, groups=4, width_per_group=16,
                  replace_stride_with_dilation=[False, True, True])


def small_densenet(num_classes):
    return tv.DenseNet(growth_rate=8, block_config=(2, 3), num_init_features=16,
                       num_classes=num_classes)


def small_vit(num_classes):
    return tv.VisionTransformer(image_size=32, patch_size=8, num_layers=2, num_heads=4,
                                hidden_dim=32, mlp_dim=64, num_classes=num_classes)


def small_swin(num_classes):
    return tv.SwinTransformer(patch_size=[2, 2], embed_dim=16, depths=[2, 2], num_heads=[2, 4],
                              window_size=[4, 4], num_classes=num_classes)


def small_convnext(num_classes):
    from torchvision.models.convnext import CNBlockConfig, ConvNeXt
    return ConvNeXt([CNBlockConfig(16, 32, 1), CNBlockConfig(32, None, 1)],
                    num_classes=num_classes)


def small_vgg(num_classes):
    from torchvision.models.vgg import VGG, make_layers
    made = VGG(make_layers([16, "M", 16, "M", 32, "M"], batch_norm=True), num_classes, False)
    made.avgpool = nn.AdaptiveAvgPool2d(2)
    made.classifier[0] = nn.Linear(32 * 2 * 2, 48)
    made.classifier[3] = nn.Linear(48, 24)
    made.classifier[6] = nn.Linear(24, num_classes)
    return made


vision("resnet18", 64)
vision("resnet50", 64)
vision("resnet-dilated", 32, True, small_resnet)
vision("resnext50_32x4d", 64)
vision("wide_resnet50_2", 64)
vision("vgg-small", 32, True, small_vgg)
vision("alexnet", 64, family=lambda num_classes: nn.Sequential(
    tv.alexnet().features, nn.Flatten(), nn.Linear(256, num_classes)))
vision("mobilenet_v2", 64)
vision("mobilenet_v3_small", 64)
vision("mobilenet_v3_large", 64)
vision("densenet121", 64)
vision("densenet-small", 32, True, small_densenet)
vision("squeezenet1_0", 64)
vision("squeezenet1_1", 64)
vision("shufflenet_v2_x0_5", 64)
vision("shufflenet_v2_x1_0", 64)
vision("googlenet", 64, family=googlenet)
vision("inception_v3", 96, family=inception)
vision("efficientnet_b0", 64)
vision("efficientnet_v2_s", 64)
vision("regnet_x_400mf", 64)
vision("regnet_y_400mf", 64)
vision("mnasnet0_5", 64)
vision("convnext-small", 32, True, small_convnext)
vision("convnext_tiny", 64)
vision("vit-small", 32, True, small_vit)
vision("swin-small", 32, True, small_swin)
vision("swin_t", 64)


# ---- convolutions and what stands between them -----------------------------------------------------

@net("text-cnn", tokens(20), True)
class TextCnn(nn.Module):
    """Kim's: embedding, several widths, the largest over time."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(50, 12, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(12, 6, k) for k in (2, 3, 4))
        self.fc = nn.Linear(18, 5)

    def forward(self, ids):
        x = self.embed(ids).transpose(1, 2)
        return self.fc(torch.cat([F.relu(c(x)).max(dim=2)[0] for c in self.convs], 1))


@net("text-cnn-pool", tokens(20))
class TextCnnPool(TextCnn):
    def forward(self, ids):
        x = self.embed(ids).permute(0, 2, 1)
        return self.fc(torch.cat(
            [F.adaptive_max_pool1d(torch.tanh(c(x)), 1).squeeze(2) for c in self.convs], 1))


@net("text-mean", tokens(12, mask=True), True)
class TextMean(nn.Module):
    """The mean of the embeddings that a mask keeps."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(50, 10)
        self.fc = nn.Linear(10, 4)

    def forward(self, ids, mask):
        keep = mask.unsqueeze(-1).to(self.embed.weight.dtype)
        return self.fc((self.embed(ids) * keep).sum(1) / keep.sum(1).clamp(min=1e-9))


@net("text-mean-where", tokens(12))
class TextMeanWhere(TextMean):
    def forward(self, ids):
        x = self.embed(ids).masked_fill((ids < 9).unsqueeze(-1), 0.0)
        return self.fc(x.mean(dim=1) + x.amax(dim=1))


@net("conv1d", rows(4, 30), True)
def conv1d():
    return nn.Sequential(
        nn.Conv1d(4, 8, 5, stride=2, padding=2), nn.BatchNorm1d(8), nn.ELU(), nn.AvgPool1d(3),
        nn.Conv1d(8, 8, 3, dilation=2, groups=4), nn.SELU(), nn.Flatten(), nn.Linear(8, 5))


@net("conv3d", rows(2, 6, 7, 8))
def conv3d():
    return nn.Sequential(
        nn.Conv3d(2, 4, 3, padding=1), nn.BatchNorm3d(4), nn.ReLU(), nn.MaxPool3d(2),
        nn.Conv3d(4, 4, (1, 3, 3)), nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(4, 5))


@net("activations", rows(16), True)
def activations():
    made = [nn.Linear(16, 16)]
    for one in (nn.LeakyReLU(0.2), nn.ELU(0.7), nn.SELU(), nn.CELU(1.3), nn.Softplus(), nn.SiLU(),
                nn.Mish(), nn.GELU(), nn.Hardswish(), nn.Hardsigmoid(), nn.Hardtanh(-2, 2),
                nn.ReLU6(), nn.Sigmoid(), nn.Tanh(), nn.LogSigmoid(), nn.PReLU(), nn.PReLU(16),
                nn.Softsign(), nn.Tanhshrink(), nn.Softshrink(0.1), nn.Hardshrink(0.1)):
        made += [one, nn.Linear(16, 16)]
    return nn.Sequential(*made, nn.LogSoftmax(dim=1))


@net("gelu-tanh", rows(16), True)
def gelu_tanh():
    return nn.Sequential(nn.Linear(16, 16), nn.GELU("tanh"), nn.Linear(16, 5), nn.Softmax(1))


@net("prelu-2d", image(12))
def prelu_2d():
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.PReLU(6), nn.Conv2d(6, 6, 3), nn.PReLU(),
                         nn.AdaptiveMaxPool2d(2), nn.Flatten(1), nn.Linear(24, 5))


@net("norms", image(12), True)
def norms():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.GroupNorm(4, 8), nn.ReLU(), nn.Conv2d(8, 8, 3, bias=False),
        nn.InstanceNorm2d(8, affine=True), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.GroupNorm(1, 8),
        nn.ReLU(), nn.Conv2d(8, 6, 3), nn.InstanceNorm2d(6), nn.LayerNorm([6, 4, 4]),
        nn.LocalResponseNorm(3), nn.Flatten(), nn.Linear(96, 5), nn.BatchNorm1d(5))


@net("norm-plain", image(12))
def norm_plain():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU(),
        nn.BatchNorm2d(8, affine=False), nn.Conv2d(8, 4, 3), nn.Flatten(), nn.Linear(256, 5))


@net("paddings", image(11), True)
def paddings():
    return nn.Sequential(
        nn.ReflectionPad2d((1, 2, 2, 1)), nn.Conv2d(3, 4, 3), nn.ReplicationPad2d(1),
        nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect"), nn.Tanh(),
        nn.Conv2d(4, 4, 3, padding=2, padding_mode="replicate"), nn.ConstantPad2d((1, 0, 0, 2), .5),
        nn.Conv2d(4, 4, 3), nn.ZeroPad2d((0, 1, 1, 0)),
        nn.Conv2d(4, 4, (3, 2), padding=(2, 1)), nn.Tanh(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5))


@net("pools", image(24), True)
def pools():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
        nn.Conv2d(8, 8, 3, padding=1), nn.Tanh(), nn.AvgPool2d(3, 2, 1, count_include_pad=False),
        nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.AdaptiveAvgPool2d((1, 3)), nn.Conv2d(8, 8, 1), nn.Sigmoid(), nn.LPPool2d(2, (1, 3)),
        nn.Flatten(), nn.Linear(8, 5))


@net("pools-ceil", image(15))
def pools_ceil():
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.AvgPool2d(2, 2, ceil_mode=True), nn.Tanh(),
        nn.Conv2d(4, 4, 3), nn.AvgPool2d(3, 2, padding=1, ceil_mode=True), nn.MaxPool2d(2, dilation=2),
        nn.Flatten(), nn.Linear(4, 5))


@net("dilated", image(16))
def dilated():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, dilation=2), nn.ReLU(), nn.Conv2d(8, 8, (3, 1), dilation=(2, 1), groups=8),
        nn.Conv2d(8, 12, (1, 5), groups=4, stride=(2, 1), padding=(1, 0)), nn.ReLU(),
        nn.Conv2d(12, 6, 5, stride=7, padding=1), nn.Flatten(), nn.Linear(6, 5))


@net("unshuffle", image(16))
def unshuffle():
    return nn.Sequential(nn.PixelUnshuffle(2), nn.Conv2d(12, 8, 3), nn.ReLU(), nn.PixelShuffle(2),
                         nn.Conv2d(2, 3, 3), nn.Flatten(), nn.Linear(300, 5))


@net("upsample", image(8))
def upsample():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.Upsample(scale_factor=2), nn.Conv2d(4, 4, 3),
                         nn.Flatten(), nn.Linear(400, 5))


@net("transposed-conv", image(8))
def transposed_conv():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ConvTranspose2d(4, 4, 3, stride=2, padding=1),
                         nn.ReLU(), nn.Conv2d(4, 4, 3), nn.Flatten(), nn.Linear(324, 5))


@net("squeeze-excite", image(12), True)
class SqueezeExcite(nn.Module):
    """Gates from a mean, depthwise convolutions, a learned scale for each layer."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(8)
        self.depth = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.down, self.up = nn.Linear(8, 2), nn.Linear(2, 8)
        self.gamma = nn.Parameter(torch.randn(8, 1, 1))
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = F.hardswish(self.bn(self.stem(x)))
        n, c, _, _ = x.size()
        gate = self.up(F.relu(self.down(F.adaptive_avg_pool2d(x, 1).view(n, c)))).sigmoid()
        x = x + self.gamma * self.depth(x) * gate.view(n, c, 1, 1).expand_as(x)
        return self.fc(x.flatten(2).mean(-1))


@net("shared", rows(12), True)
class Shared(nn.Module):
    """The same weights at two depths, and two equal tensors that an exporter may merge."""

    def __init__(self):
        super().__init__()
        self.first, self.again, self.out = nn.Linear(12, 12), nn.Linear(12, 12), nn.Linear(12, 5)
        with torch.no_grad():
            self.again.bias.copy_(self.first.bias)

    def forward(self, x):
        x = torch.relu(self.first(x))
        x = torch.relu(self.first(x) + self.again(x))
        return self.out(x) / math.sqrt(12.0)


@net("siamese", lambda n: (torch.randn(n, 3, 10, 10), torch.randn(n, 3, 10, 10)), True)
class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
                                  nn.Flatten(), nn.Linear(64, 8))
        self.fc = nn.Linear(24, 2)

    def forward(self, a, b):
        a, b = self.body(a), self.body(b)
        return self.fc(torch.cat([a, b, (a - b).abs()], dim=1))


@net("cosine-head", rows(12))
class CosineHead(nn.Module):
    """Features and class vectors of length 1, with a learned temperature."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 8))
        self.proxies = nn.Parameter(torch.randn(5, 8))
        self.scale = nn.Parameter(torch.tensor([2.5]))

    def forward(self, x):
        x = F.normalize(self.body(x), dim=1)
        return self.scale.exp() * F.linear(x, F.normalize(self.proxies, dim=1))


@net("mixture", rows(12))
class Mixture(nn.Module):
    """A gated sum of experts: stacked tensors, an einsum, learned subtraction and division."""

    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(12, 3)
        self.experts = nn.Parameter(torch.randn(3, 12, 5) / 3)
        self.centre, self.width = nn.Parameter(torch.randn(12)), nn.Parameter(torch.rand(12) + 1)

    def forward(self, x):
        x = (x - self.centre) / self.width
        gates = torch.softmax(self.gate(x), -1)
        each = torch.einsum("ni,eio->neo", x, self.experts)
        return torch.einsum("ne,neo->no", gates, each)


@net("tabular", lambda n: (torch.randn(n, 6), torch.randint(0, 9, (n, 3))))
class Tabular(nn.Module):
    """Numbers beside columns of categories."""

    def __init__(self):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(9, 4) for _ in range(3))
        self.bn, self.fc1, self.fc2 = nn.BatchNorm1d(6), nn.Linear(18, 16), nn.Linear(16, 2)

    def forward(self, numbers, categories):
        parts = [table(categories[:, i]) for i, table in enumerate(self.tables)]
        return self.fc2(F.relu(self.fc1(torch.cat([self.bn(numbers)] + parts, 1))))


@net("chunks", image(8))
class Chunks(nn.Module):
    """Split, stack, roll, flip, index, and the statistics of a tensor."""

    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 8, 3), nn.Linear(8 * 6 + 12, 5)

    def forward(self, x):
        a, b = self.conv(x).chunk(2, dim=1)
        a = torch.roll(a * torch.sigmoid(b), shifts=(1, -2), dims=(2, 3))
        pile = torch.stack([a, b.flip(3)], dim=1).sum(dim=1)
        side = torch.cat([pile[:, :, 0], pile[:, :, -1], pile[:, :, 1::2, 2].repeat(1, 1, 2)], 2)
        spread = torch.cat([pile.std(dim=(2, 3)), pile.var(dim=(2, 3), unbiased=False),
                            pile.flatten(2).norm(dim=2)], 1)
        parts = torch.cat([side.flatten(1), side.flatten(1)[:, :48 - 72 + 0]], 1)[:, :48]
        return self.fc(torch.cat([parts, spread], 1))


@net("mixer", image(16), True)
class Mixer(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 16, 4, 4)
        self.n1, self.n2, self.n3 = nn.LayerNorm(16), nn.LayerNorm(16), nn.LayerNorm(16)
        self.tokens = nn.Sequential(nn.Linear(16, 24), nn.GELU(), nn.Linear(24, 16))
        self.channels = nn.Sequential(nn.Linear(16, 24), nn.GELU(), nn.Linear(24, 16))
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = x + self.tokens(self.n1(x).transpose(1, 2)).transpose(1, 2)
        x = x + self.channels(self.n2(x))
        return self.fc(self.n3(x).mean(dim=1))


# ---- attention ---------------------------------------------------------------------------------

class Encoder(nn.Module):
    """torch.nn.TransformerEncoder over an embedding; the first token is classified."""

    def __init__(self, batch_first=True, norm_first=False, activation="gelu"):
        super().__init__()
        self.embed, self.place = nn.Embedding(50, 16), nn.Embedding(12, 16)
        layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=batch_first, activation=activation,
                                           norm_first=norm_first)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.batch_first, self.fc = batch_first, nn.Linear(16, 5)

    def forward(self, ids):
        x = self.embed(ids) + self.place(torch.arange(ids.size(1), device=ids.device))
        if self.batch_first:
            return self.fc(self.encoder(x)[:, 0])
        return self.fc(self.encoder(x.transpose(0, 1)).mean(0))


net("encoder", tokens(12), True)(Encoder)
net("encoder-length-first", tokens(12))(lambda: Encoder(False, False, "relu"))
net("encoder-norm-first", tokens(12))(lambda: Encoder(True, True))


@net("encoder-masked", tokens(12, mask=True))
class EncoderMasked(Encoder):
    def forward(self, ids, mask):
        x = self.encoder(self.embed(ids), src_key_padding_mask=mask == 0)
        keep = mask.unsqueeze(-1).to(x.dtype)
        return self.fc((x * keep).sum(1) / keep.sum(1))


@net("multihead", rows(9, 16))
class Multihead(nn.Module):
    def __init__(self):
        super().__init__()
        self.attend = nn.MultiheadAttention(16, 4, batch_first=True)
        self.norm, self.fc = nn.LayerNorm(16), nn.Linear(16, 5)

    def forward(self, x):
        x = self.norm(x + self.attend(x, x, x, need_weights=False)[0])
        return self.fc(x.mean(1))


@net("multihead-query", rows(9, 16))
class MultiheadQuery(nn.Module):
    """A learned query pools the tokens."""

    def __init__(self):
        super().__init__()
        self.query = nn.Parameter(torch.randn(1, 2, 16))
        self.attend = nn.MultiheadAttention(16, 2, batch_first=True, kdim=16, vdim=16)
        self.fc = nn.Linear(32, 5)

    def forward(self, x):
        return self.fc(self.attend(self.query.expand(x.shape[0], -1, -1), x, x)[0].flatten(1))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def attend(self, x, hide):
        n, length, width = x.shape
        q, k, v = self.qkv(x).split(width, dim=2)
        q, k, v = (t.view(n, length, self.heads, width // self.heads).transpose(1, 2)
                   for t in (q, k, v))
        scores = hide((q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1))))
        return self.proj((scores.softmax(-1) @ v).transpose(1, 2).contiguous().view(n, length, width))

    def forward(self, x, hide):
        x = x + self.attend(self.ln_1(x), hide)
        return x + self.mlp(self.ln_2(x))


class Gpt(nn.Module):
    """A causal decoder that classifies from its last token; four ways to hide the future."""

    def __init__(self, how):
        super().__init__()
        self.how = how
        self.wte, self.wpe = nn.Embedding(50, 16), nn.Embedding(12, 16)
        self.blocks = nn.ModuleList(Block(16, 4) for _ in range(2))
        self.ln_f, self.head = nn.LayerNorm(16), nn.Linear(16, 5, bias=False)
        future = torch.triu(torch.ones(12, 12), 1)
        self.register_buffer("bias", torch.tril(torch.ones(12, 12)).view(1, 1, 12, 12))
        self.register_buffer("hidden", future.masked_fill(future == 1, float("-inf")))

    def hide(self, scores):
        length = scores.size(-1)
        if self.how == "where":
            return scores.masked_fill(self.bias[:, :, :length, :length] == 0, float("-inf"))
        if self.how == "add":
            return scores + self.hidden[:length, :length]
        if self.how == "triu":
            ones = torch.ones(length, length, dtype=torch.bool, device=scores.device)
            return scores.masked_fill(torch.triu(ones, 1), -1e9)
        row = torch.arange(length, device=scores.device)
        return torch.where(row[None, :] <= row[:, None], scores, torch.full_like(scores, -1e4))

    def forward(self, ids):
        x = self.wte(ids) + self.wpe(torch.arange(0, ids.size(1), device=ids.device).unsqueeze(0))
        for block in self.blocks:
            x = block(x, self.hide)
        return self.head(self.ln_f(x)[:, -1])


net("gpt-where", tokens(12), True)(lambda: Gpt("where"))
net("gpt-add", tokens(12), True)(lambda: Gpt("add"))
net("gpt-triu", tokens(12))(lambda: Gpt("triu"))
net("gpt-compare", tokens(12))(lambda: Gpt("compare"))


@net("bert", lambda n: (*tokens(12, mask=True)(n), torch.randint(0, 2, (n, 12))), True)
class Bert(nn.Module):
    """As BERT is written: segments, an additive mask of (1 - m) * least, a pooler."""

    def __init__(self):
        super().__init__()
        self.word, self.place, self.segment = (nn.Embedding(k, 16) for k in (50, 16, 2))
        self.norm, self.block = nn.LayerNorm(16, eps=1e-12), nn.ModuleList(
            Block(16, 2) for _ in range(2))
        self.pooler, self.fc = nn.Linear(16, 16), nn.Linear(16, 5)
        self.register_buffer("position_ids", torch.arange(16).expand((1, -1)))

    def forward(self, ids, mask, segments):
        x = self.word(ids) + self.segment(segments) + self.place(self.position_ids[:, :ids.size(1)])
        x = self.norm(x)
        least = (1.0 - mask[:, None, None, :].to(x.dtype)) * -10000.0
        for block in self.block:
            x = block(x, lambda scores: scores + least)
        return self.fc(torch.tanh(self.pooler(x[:, 0])))


@net("relative", rows(8, 16), True)
class Relative(nn.Module):
    """A learned bias for each distance, gathered by a constant table, as in T5 and Swin."""

    def __init__(self):
        super().__init__()
        self.block, self.fc = Block(16, 4), nn.Linear(16, 5)
        self.table = nn.Parameter(torch.randn(15, 4))
        row = torch.arange(8)
        self.register_buffer("index", row[None] - row[:, None] + 7)

    def forward(self, x):
        bias = self.table[self.index.view(-1)].view(8, 8, 4).permute(2, 0, 1).unsqueeze(0)
        return self.fc(self.block(x, lambda scores: scores + bias).mean(1))


@net("sinusoid", tokens(12))
class Sinusoid(nn.Module):
    """Positions by sines from a buffer, RMS normalisation, a gated feed-forward."""

    def __init__(self):
        super().__init__()
        self.embed, self.scale = nn.Embedding(50, 16), nn.Parameter(torch.rand(16) + 0.5)
        self.w1, self.w2, self.w3 = (nn.Linear(16, 16, bias=False) for _ in range(3))
        self.fc = nn.Linear(16, 5)
        where = torch.arange(12).unsqueeze(1) * torch.exp(
            torch.arange(0, 16, 2) * (-math.log(10000.0) / 16))
        self.register_buffer("pe", torch.cat([where.sin(), where.cos()], 1).unsqueeze(0))

    def forward(self, ids):
        x = self.embed(ids) * math.sqrt(16) + self.pe[:, :ids.size(1)]
        x = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.scale
        x = x + self.w2(F.silu(self.w1(x)) * self.w3(x))
        return self.fc(x.mean(1))


# What constant folding takes apart: parameters that reach the file only as parts of constants.
HALF_FOLDED = {"cosine-head", "multihead-query"}
FOLDED_AWAY = {"table", *("features.%d.%d.attn.relative_position_bias_table" % (i, j)
                          for i in (1, 3, 5, 7) for j in range(6))}

# ---- networks that read a sequence step by step, and images that grow ----------------------------

class Recurrent(nn.Module):
    """Words in, the last step (or both ends) out; weights are gates in ONNX's own order."""

    def __init__(self, kind, both=False, batch_first=True, **more):
        super().__init__()
        self.embed, self.first = nn.Embedding(50, 8), batch_first
        self.rnn = kind(8, 6, num_layers=2, batch_first=batch_first, bidirectional=both, **more)
        self.fc = nn.Linear(12 if both else 6, 5)

    def forward(self, ids):
        x = self.embed(ids)
        if self.first:
            return self.fc(self.rnn(x)[0][:, -1])
        return self.fc(self.rnn(x.transpose(0, 1))[0].mean(0))


@net("lstm", tokens(9), True)
def lstm():
    return Recurrent(nn.LSTM)


@net("lstm-both", tokens(9), True)
def lstm_both():
    return Recurrent(nn.LSTM, True, False)


@net("gru", tokens(9))
def gru():
    return Recurrent(nn.GRU)


@net("gru-both", tokens(9), True)
def gru_both():
    return Recurrent(nn.GRU, True)


class LastStates(nn.Module):
    """The states that are left of both directions."""

    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.LSTM(4, 6, bidirectional=True), nn.Linear(24, 5)

    def forward(self, x):
        h, c = self.rnn(x.transpose(0, 1))[1]
        return self.fc(torch.cat([h[0], h[1], c[0], c[1]], 1))


@net("lstm-states", rows(7, 4))
def lstm_states():
    return LastStates()


@net("decoder", image(4), True)
def decoder():
    return nn.Sequential(
        nn.ConvTranspose2d(3, 6, 3, stride=2, padding=1, output_padding=1), nn.GroupNorm(3, 6), nn.ReLU(),
        nn.ConvTranspose2d(6, 4, (2, 3), groups=2, dilation=(2, 1)), nn.Flatten(), nn.Linear(400, 5))


class Resized(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 4, 3), nn.Linear(4, 5)

    def forward(self, x):
        x = self.conv(F.interpolate(x, size=(9, 7), mode="bilinear", align_corners=True))
        x = torch.relu(F.interpolate(x, scale_factor=(1.5, 0.5), mode="bilinear", align_corners=False))
        x = torch.tanh(F.interpolate(x, size=(12, 8), mode="bicubic", align_corners=False))
        return self.fc(F.interpolate(x, size=(5, 6)).mean((2, 3)))


@net("resized", image(6), True)
def resized():
    return Resized()


# ---- what is not supported: one error that lists every such node ------------------------------------

REFUSED = {
    "rnn": (lambda: Recurrent(nn.RNN, nonlinearity="tanh"), tokens(12), "RNN"),
}
